import tseslint from 'typescript-eslint';

/** What TensorFlow.js punishes at run time, caught before it runs. */
const tfjs = [
  {
    selector: 'CallExpression[callee.property.name=/^(dataSync|arraySync)$/]',
    message: 'Synchronous read-backs block the page and throw on WebGPU: await data() or array().',
  },
  {
    selector:
      "CallExpression[callee.name='tidy'] > ArrowFunctionExpression[async=true], CallExpression[callee.property.name='tidy'] > ArrowFunctionExpression[async=true]",
    message: 'tidy() does not await: tensors made after the first await leak. Dispose by hand.',
  },
];

export default tseslint.config(
  { ignores: ['dist', 'out', 'docs/api', 'coverage', 'node_modules', 'test/fixtures'] },
  ...tseslint.configs.recommended,
  {
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  { files: ['src/**/*.ts'], rules: { 'no-restricted-syntax': ['error', ...tfjs], 'no-console': 'error' } },
);
