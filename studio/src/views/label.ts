import { AP10K, COCO, FACE_68, flipPairsOf, HAND_21, LSP, MPII, type KeypointSet } from 'poseblocks/keypoints';
import { categoryKeypointSet, readCoco } from 'poseblocks/datasets';
import { PALETTE } from 'poseblocks/visualize';
import { field, fileButton, fill, h, select, takesFiles } from '../dom';
import { isPicture } from '../file-kinds';
import { trainingPanel } from '../label/training-panel';
import { attempt, say } from '../notice';
import { isLabelled, Project, type Picture } from '../project';
import { photograph } from '../sources';
import type { StoredPerson } from '../storage';
import type { MakeView } from '../view';

const KNOWN: readonly KeypointSet[] = [COCO, MPII, LSP, HAND_21, FACE_68, AP10K];

/** Name keypoints, click them on pictures, train, try, export. */
export const label: MakeView = async (signal) => {
  const project = await Project.load();
  let picture: Picture | undefined = project.pictures[0];
  let person = 0;
  let keypoint = 0;
  let bitmap: ImageBitmap | undefined;
  let cursor: [number, number] | undefined;

  // The keypoints.
  const namesField = h('textarea', {
    rows: 8,
    spellcheck: 'false',
    placeholder: 'One name a line, for example\nhead\nleft_hand\nright_hand',
  });
  const edgesField = h('textarea', {
    rows: 4,
    spellcheck: 'false',
    placeholder: 'One limb a line, for example\nhead left_hand',
  });
  const planName = h('input', { type: 'text' });
  const pairsNote = h('p', { class: 'note' });
  const showPlan = (): void => {
    namesField.value = project.plan.names.join('\n');
    edgesField.value = project.plan.edges.map((edge) => edge.join(' ')).join('\n');
    planName.value = project.plan.name;
    const pairs = project.plan.flipPairs.map(([a, b]) => `${a} ↔ ${b}`).join(', ');
    pairsNote.textContent =
      pairs === ''
        ? 'No pairs of left and right. Names with left and right make some.'
        : `Exchanged in a mirror: ${pairs}`;
  };
  const lines = (text: string): string[] =>
    text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
  const readPlan = (): void =>
    attempt(async () => {
      const names = [...new Set(lines(namesField.value).map((name) => name.replaceAll(/\s+/g, '_')))];
      const edges = lines(edgesField.value)
        .map((line) => line.split(/\s+/) as [string, string])
        .filter(([a, b]) => names.includes(a) && names.includes(b) && a !== b);
      const before = project.plan.names;
      await project.setPlan({
        name: planName.value.trim() || 'my keypoints',
        names,
        edges,
        flipPairs: flipPairsOf(names).map(([a, b]) => [a, b]),
      });
      if (before.join() !== names.join()) await renamed(before, names);
      showPlan();
      refresh();
    });
  /** Labels follow their keypoint's name. */
  const renamed = async (before: readonly string[], after: readonly string[]): Promise<void> => {
    for (const each of project.pictures) {
      if (each.people.length === 0) continue;
      const people = each.people.map((one) => {
        const from = after.map((name) => before.indexOf(name));
        return {
          ...one,
          xy: from.flatMap((k) => (k < 0 ? [0, 0] : [one.xy[2 * k]!, one.xy[2 * k + 1]!])),
          score: from.map((k) => (k < 0 ? 0 : one.score[k]!)),
        };
      });
      await project.label(each, people);
    }
  };
  for (const control of [namesField, edgesField, planName]) control.addEventListener('change', readPlan);
  const knownChoice = select<string>(
    [['', 'Take a known set …'], ...KNOWN.map(({ name }) => [name, name] as [string, string])],
    '',
    (name) => {
      const set = KNOWN.find((each) => each.name === name);
      if (set) attempt(() => takeSet(set));
      knownChoice.value = '';
    },
  );
  const takeSet = async (set: KeypointSet): Promise<void> => {
    const before = project.plan.names;
    const named = (pairs: readonly (readonly [number, number])[]): [string, string][] =>
      pairs.map(([a, b]) => [set.names[a]!, set.names[b]!]);
    await project.setPlan({
      name: set.name,
      names: [...set.names],
      edges: named(set.edges),
      flipPairs: named(set.flipPairs),
    });
    await renamed(before, set.names);
    showPlan();
    refresh();
  };

  // Pictures and labels in.
  const take = (files: readonly File[]): void =>
    attempt(async () => {
      const json = files.find((file) => /\.json$/i.test(file.name));
      const images = files.filter(isPicture);
      const imported = json ? await readLabels(json) : undefined;
      if (imported) await takeSet(imported.set);
      for (const file of images) {
        const { width, height } = await photograph(file).then((image) => {
          const size = { width: image.width, height: image.height };
          image.close();
          return size;
        });
        const same = project.pictures.find(({ name }) => name === file.name);
        const people = imported?.people.get(file.name) ?? [];
        if (same && people.length > 0) await project.label(same, people);
        else if (!same) await project.add(file.name, file, width, height, people);
      }
      if (imported && images.length === 0) {
        for (const each of project.pictures) {
          const people = imported.people.get(each.name);
          if (people) await project.label(each, people);
        }
      }
      picture ??= project.pictures[0];
      await open();
      const count = imported ? [...imported.people.values()].reduce((sum, { length }) => sum + length, 0) : 0;
      say(`${images.length} pictures${imported ? ` and ${count} labelled people` : ''} taken in.`);
    });
  const readLabels = async (file: File): Promise<{ set: KeypointSet; people: Map<string, StoredPerson[]> }> => {
    const text = await file.text();
    const category = (JSON.parse(text) as { categories?: unknown[] }).categories?.[0];
    const set = categoryKeypointSet(category, { source: file.name, list: 'categories', index: 0 });
    const { persons } = readCoco(text, { keypointSet: set, source: file.name });
    const people = new Map<string, StoredPerson[]>();
    for (const { fileName, keypoints, box } of persons) {
      const name = fileName.replace(/^.*\//, '');
      people.set(name, [
        ...(people.get(name) ?? []),
        { xy: [...keypoints.xy], score: [...keypoints.score], box: [...box] as never },
      ]);
    }
    return { set, people };
  };

  // The editor.
  const canvas = h('canvas', {
    class: 'editor',
    width: 800,
    height: 600,
    tabindex: 0,
    role: 'application',
    'aria-label': 'Picture to label',
    'aria-describedby': 'label-keys',
  });
  const context = canvas.getContext('2d')!;
  const thumbnails = h('ol', { class: 'thumbnails', 'aria-label': 'Pictures' });
  const keypoints = h('ol', { class: 'keypoints', 'aria-label': 'Keypoints' });
  const peopleRow = h('div', { class: 'row people' });
  const summary = h('p', { class: 'note', 'aria-live': 'polite', 'data-stat': 'labelled' });

  const blank = (): StoredPerson => ({
    xy: project.plan.names.flatMap(() => [0, 0]),
    score: project.plan.names.map(() => 0),
  });
  const current = (): StoredPerson => picture?.people[person] ?? blank();
  const change = (edit: (copy: { xy: number[]; score: number[] }) => void): void => {
    const target = picture;
    if (target === undefined) return;
    const { box: _, ...rest } = structuredClone(current());
    edit(rest);
    const people = [...target.people];
    people[Math.min(person, people.length)] = rest;
    attempt(async () => {
      await project.label(target, people);
      refresh();
    });
  };
  const place = (x: number, y: number, visibility: 1 | 2): void => {
    if (project.plan.names.length === 0) return say('Name your keypoints first.', 'error');
    const k = keypoint;
    // At once: the next click must find the next keypoint.
    const { score } = current();
    const next = project.plan.names.findIndex((_, i) => i !== k && i > k && !(score[i]! > 0));
    const first = project.plan.names.findIndex((_, i) => i !== k && !(score[i]! > 0));
    change(({ xy, score: scores }) => {
      xy[2 * k] = x;
      xy[2 * k + 1] = y;
      scores[k] = visibility;
    });
    keypoint = next >= 0 ? next : first >= 0 ? first : k;
    refresh();
  };

  const scale = (): number => (bitmap ? canvas.width / bitmap.width : 1);
  const at = (event: MouseEvent): [number, number] => {
    const box = canvas.getBoundingClientRect();
    const k = bitmap ? bitmap.width / box.width : 1;
    return [(event.clientX - box.left) * k - 0.5, (event.clientY - box.top) * k - 0.5];
  };
  let dragged: number | undefined;
  canvas.addEventListener('pointerdown', (event) => {
    if (bitmap === undefined) return;
    canvas.focus();
    const [x, y] = at(event);
    const { xy, score } = current();
    const near = score.findIndex(
      (value, k) =>
        value > 0 &&
        Math.hypot(xy[2 * k]! - x, xy[2 * k + 1]! - y) * (canvas.getBoundingClientRect().width / bitmap!.width) < 9,
    );
    if (near >= 0) {
      dragged = near;
      keypoint = near;
      canvas.setPointerCapture(event.pointerId);
      refresh();
    } else place(x, y, event.shiftKey ? 1 : 2);
  });
  canvas.addEventListener('pointerup', (event) => {
    if (dragged === undefined) return;
    const k = dragged;
    dragged = undefined;
    const [x, y] = at(event);
    const { xy } = current();
    if (Math.hypot(xy[2 * k]! - x, xy[2 * k + 1]! - y) < 1) return;
    change(({ xy: moved }) => {
      moved[2 * k] = x;
      moved[2 * k + 1] = y;
    });
  });
  canvas.addEventListener('keydown', (event) => {
    if (bitmap === undefined) return;
    const step = (event.shiftKey ? 0.05 : 0.01) * Math.max(bitmap.width, bitmap.height);
    const [x, y] = cursor ?? [bitmap.width / 2, bitmap.height / 2];
    const moves: Record<string, [number, number]> = {
      ArrowLeft: [-step, 0],
      ArrowRight: [step, 0],
      ArrowUp: [0, -step],
      ArrowDown: [0, step],
    };
    const move = moves[event.key];
    if (move)
      cursor = [
        Math.min(bitmap.width - 1, Math.max(0, x + move[0])),
        Math.min(bitmap.height - 1, Math.max(0, y + move[1])),
      ];
    else if (event.key === 'Enter' || event.key === ' ') place(x, y, event.shiftKey ? 1 : 2);
    else return;
    event.preventDefault();
    draw();
  });
  const keys = (event: KeyboardEvent): void => {
    const target = event.target as HTMLElement;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return;
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key.toLowerCase() === 'z') {
      event.preventDefault();
      attempt(async () => (await (event.shiftKey ? project.redo() : project.undo()), refresh()));
    } else if (command || event.altKey) return;
    else if (event.key === 'n') step(1);
    else if (event.key === 'p') step(-1);
    else if (event.key === 'h')
      change(({ score }) => (score[keypoint] = score[keypoint] === 2 ? 1 : score[keypoint] === 1 ? 2 : 0));
    else if (event.key === 'Backspace' || event.key === 'Delete') change(({ score }) => (score[keypoint] = 0));
    else if (event.key === 'j' || event.key === 'k') {
      const count = Math.max(1, project.plan.names.length);
      keypoint = (keypoint + (event.key === 'j' ? 1 : count - 1)) % count;
      refresh();
    }
  };
  document.addEventListener('keydown', keys, { signal });

  const step = (by: number): void => {
    const index = project.pictures.indexOf(picture!);
    const next = project.pictures[index + by];
    if (next) attempt(() => choose(next));
  };
  const choose = async (next: Picture | undefined): Promise<void> => {
    picture = next;
    person = 0;
    keypoint = 0;
    await open();
  };
  const open = async (): Promise<void> => {
    const wanted = picture;
    const image = wanted ? await photograph(wanted.blob) : undefined;
    if (picture !== wanted || signal.aborted) return image?.close();
    bitmap?.close();
    bitmap = image;
    cursor = undefined;
    keypoint = Math.max(
      0,
      current().score.findIndex((value) => !(value > 0)),
    );
    refresh();
  };

  const draw = (): void => {
    if (bitmap === undefined) {
      context.clearRect(0, 0, canvas.width, canvas.height);
      return;
    }
    const width = Math.max(
      1,
      Math.round(Math.min(canvas.parentElement?.clientWidth || 800, 1200) * Math.min(2, devicePixelRatio)),
    );
    const height = Math.max(1, Math.round((width * bitmap.height) / bitmap.width));
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    context.drawImage(bitmap, 0, 0, width, height);
    const s = scale();
    const { names, edges } = project.plan;
    picture!.people.forEach((each, i) => {
      const shown = i === person;
      context.globalAlpha = shown ? 1 : 0.5;
      context.lineWidth = Math.max(2, width / 300);
      context.strokeStyle = shown ? '#fff' : '#aaa';
      for (const [a, b] of edges.map(([from, to]) => [names.indexOf(from), names.indexOf(to)] as const)) {
        if (!(each.score[a]! > 0 && each.score[b]! > 0)) continue;
        context.beginPath();
        context.moveTo((each.xy[2 * a]! + 0.5) * s, (each.xy[2 * a + 1]! + 0.5) * s);
        context.lineTo((each.xy[2 * b]! + 0.5) * s, (each.xy[2 * b + 1]! + 0.5) * s);
        context.stroke();
      }
      each.score.forEach((value, k) => {
        if (!(value > 0)) return;
        context.beginPath();
        context.arc(
          (each.xy[2 * k]! + 0.5) * s,
          (each.xy[2 * k + 1]! + 0.5) * s,
          Math.max(5, width / 130),
          0,
          2 * Math.PI,
        );
        context.fillStyle = value === 2 ? PALETTE[k % PALETTE.length]! : '#0000';
        context.strokeStyle = shown && k === keypoint ? '#ff0' : value === 2 ? '#fff' : PALETTE[k % PALETTE.length]!;
        context.fill();
        context.stroke();
      });
      context.globalAlpha = 1;
    });
    if (cursor) {
      const [x, y] = cursor.map((value) => (value + 0.5) * s) as [number, number];
      for (const [color, line] of [
        ['#000', 4],
        ['#ff0', 2],
      ] as const) {
        Object.assign(context, { strokeStyle: color, lineWidth: line });
        context.beginPath();
        context.moveTo(x - 14, y);
        context.lineTo(x + 14, y);
        context.moveTo(x, y - 14);
        context.lineTo(x, y + 14);
        context.stroke();
      }
    }
  };

  const refresh = (): void => {
    draw();
    element.dataset['state'] = project.pictures.length === 0 ? 'empty' : 'labelling';
    const { names } = project.plan;
    const { score } = current();
    fill(
      keypoints,
      names.map((name, k) =>
        h(
          'li',
          {},
          h(
            'button',
            {
              type: 'button',
              'aria-pressed': k === keypoint ? 'true' : 'false',
              onclick: () => ((keypoint = k), refresh()),
            },
            h('i', { style: `background:${PALETTE[k % PALETTE.length]}`, class: score[k] === 1 ? 'hollow' : '' }),
            name.replaceAll('_', ' '),
            h('small', {}, ['', 'hidden', 'visible'][score[k] ?? 0]),
          ),
        ),
      ),
    );
    fill(
      peopleRow,
      picture
        ? Array.from({ length: Math.max(1, picture.people.length) }, (_, i) =>
            h(
              'button',
              {
                type: 'button',
                'aria-pressed': i === person ? 'true' : 'false',
                onclick: () => ((person = i), refresh()),
              },
              `Person ${i + 1}`,
            ),
          )
        : null,
      picture && picture.people.length > 0
        ? h(
            'button',
            { type: 'button', onclick: () => ((person = picture!.people.length), (keypoint = 0), refresh()) },
            'Add person',
          )
        : null,
      picture
        ? h(
            'button',
            {
              type: 'button',
              onclick: () =>
                attempt(async () => {
                  const gone = picture!;
                  const i = project.pictures.indexOf(gone);
                  await project.removePicture(gone);
                  await choose(project.pictures[Math.min(i, project.pictures.length - 1)]);
                }),
            },
            'Remove picture',
          )
        : null,
    );
    summary.textContent = `${project.labelled} of ${project.pictures.length} pictures labelled`;
    fill(
      thumbnails,
      project.pictures.map((each, i) =>
        h(
          'li',
          {},
          h(
            'button',
            {
              type: 'button',
              class: each.people.some(isLabelled) ? 'done' : '',
              'aria-current': each === picture ? 'true' : undefined,
              'aria-label': `${each.name}${each.people.some(isLabelled) ? ', labelled' : ''}`,
              onclick: () => attempt(() => choose(each)),
            },
            i + 1,
          ),
        ),
      ),
    );
  };
  addEventListener('resize', draw, { signal });

  const training = await trainingPanel(project, signal);

  const element = h(
    'div',
    { class: 'label', 'data-state': 'empty' },
    h('h1', {}, 'Label and train'),
    h(
      'p',
      { class: 'lead' },
      'Name your keypoints, click them on some pictures, train in this page, and try the result on your camera. Everything is kept in this browser.',
    ),
    h(
      'div',
      { class: 'columns' },
      h(
        'section',
        { 'aria-label': 'Keypoints and pictures', class: 'panel' },
        h('h2', {}, '1. Keypoints'),
        field('Name', planName),
        knownChoice,
        field('Keypoints', namesField),
        field('Limbs', edgesField),
        pairsNote,
      ),
      h(
        'section',
        { 'aria-label': 'Labelling', class: 'work' },
        h('h2', {}, '2. Pictures'),
        h(
          'div',
          { class: 'drop' },
          h('p', {}, 'Drop pictures here, and COCO JSON if they are labelled already'),
          fileButton('Open pictures or COCO JSON', 'image/*,.json', take, { class: 'primary' }),
        ),
        summary,
        thumbnails,
        h('div', { class: 'canvas' }, canvas),
        peopleRow,
        keypoints,
        h(
          'details',
          {},
          h('summary', {}, 'Keys'),
          h(
            'p',
            { id: 'label-keys', class: 'note' },
            'Click: the keypoint, Shift and click: hidden. Drag: move. n, p: next, previous picture. j, k: next, previous keypoint. h: hidden or visible. Delete: remove. Ctrl Z, Ctrl Shift Z: undo, redo. On the picture: arrows move a cross, Enter places.',
          ),
        ),
      ),
      h(
        'section',
        { 'aria-label': 'Training', class: 'panel' },
        training,
        h(
          'details',
          {},
          h('summary', {}, 'Begin anew'),
          h(
            'button',
            {
              type: 'button',
              onclick: () =>
                attempt(async () => {
                  await project.begin();
                  picture = undefined;
                  bitmap?.close();
                  bitmap = undefined;
                  showPlan();
                  refresh();
                }),
            },
            'Forget keypoints, pictures and labels',
          ),
        ),
      ),
    ),
  );
  takesFiles(element, take, signal);
  knownChoice.setAttribute('aria-label', 'Known keypoint sets');
  signal.addEventListener('abort', () => bitmap?.close());
  showPlan();
  refresh();
  attempt(open);
  return { element };
};
