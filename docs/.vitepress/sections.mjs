/** The pages of the site by section: title and file. A page that stands in none is an error of the site's check. */
export const SECTIONS = [
  {
    text: 'Tutorials',
    items: [
      { text: 'Your first network', link: '/first-network' },
      { text: 'Train on your photographs', link: '/train-on-photographs' },
      { text: 'Poses from a camera', link: '/camera' },
      { text: 'Evaluate in CI', link: '/evaluate-in-ci' },
    ],
  },
  {
    text: 'How to',
    items: [
      { text: 'Use your own skeleton', link: '/your-own-skeleton' },
      { text: 'Come from PyTorch', link: '/from-pytorch' },
      { text: 'Come from MMPose', link: '/from-mmpose' },
      { text: 'Run it in a page', link: '/in-a-page' },
      { text: 'Run it in Node', link: '/in-node' },
      { text: 'Export to ONNX', link: '/onnx' },
      { text: 'Exchange with Keras', link: '/keras' },
      { text: 'Train on several machines', link: '/more-than-one-machine' },
      { text: 'Use the studio', link: '/studio' },
    ],
  },
  {
    text: 'Topics',
    items: [
      { text: 'Data', link: '/data' },
      { text: 'Blocks', link: '/blocks' },
      { text: 'Training', link: '/training' },
      { text: 'Pose models', link: '/pose-models' },
      { text: 'Inference', link: '/inference' },
      { text: 'Evaluation', link: '/evaluation' },
    ],
  },
  {
    text: 'Explanation',
    items: [
      { text: 'The one idea, and the folders', link: '/architecture' },
      { text: 'Codecs and half a pixel', link: '/codecs' },
      { text: 'Engines', link: '/engines' },
      { text: 'Paper 003: LPN', link: '/paper-lpn' },
      { text: 'Paper 002: hourglass blocks', link: '/paper-hourglass-blocks' },
      { text: 'Paper 001: a reduced hourglass', link: '/paper-reduced-hourglass' },
      { text: 'Paper 000: baselines on LSP', link: '/paper-lsp-baselines' },
      { text: 'Quoted systems', link: '/quoted-systems' },
      { text: 'The papers’ claims in small', link: '/results' },
      { text: 'Files from strangers', link: '/files' },
    ],
  },
  {
    text: 'Questions and mistakes',
    items: [{ text: 'What people get wrong', link: '/faq' }],
  },
  {
    text: 'Reference',
    items: [
      { text: 'Functions and types by module', link: '/api/' },
      { text: 'The command line', link: '/command-line' },
      { text: 'Every network of the papers', link: '/networks' },
      { text: 'Changes', link: '/api/changelog' },
    ],
  },
];
