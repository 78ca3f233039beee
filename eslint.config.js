import tseslint from 'typescript-eslint';
import poseblocks from './eslint-rules/index.js';

export default tseslint.config(
  {
    ignores: [
      'dist',
      '.declarations',
      'studio/dist',
      'out',
      'docs/api',
      'docs/.vitepress/dist',
      'docs/.vitepress/cache',
      'coverage',
      'node_modules',
      'test/fixtures',
      'assembly',
    ],
  },
  ...tseslint.configs.recommended,
  {
    plugins: { poseblocks },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    // Also in examples, which show users how it is done.
    files: ['src/**/*.ts', 'examples/**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'poseblocks/no-async-tidy': 'error',
      'poseblocks/no-chained-ops': 'error',
      'poseblocks/no-sync-read': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: { 'poseblocks/no-node-builtins': 'error', 'poseblocks/folder-order': 'error' },
  },
  { files: ['src/**/*.ts'], ignores: ['src/cli/**'], rules: { 'no-console': 'error' } },
  {
    // These folders work on plain arrays, with no engine loaded.
    files: [
      'src/bytes/**/*.ts',
      'src/geometry/**/*.ts',
      'src/random/**/*.ts',
      'src/graph/**/*.ts',
      'src/keypoints/**/*.ts',
      'src/metrics/**/*.ts',
      'src/visualize/**/*.ts',
    ],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: ['@tensorflow/*'], allowTypeImports: true, message: 'This folder works without tensors.' },
          ],
        },
      ],
    },
  },
);
