import { expect, test } from '@jest/globals';
import { join } from 'node:path';
import { installation } from '../../../runtime/artefact/installation.js';

test('finds the package that the runtime belongs to, from its sources, too', () => {
  const { root, modules } = installation();
  expect(root).toBe(process.cwd());
  expect(modules.get('squall')).toEqual({
    types: join(root, 'dist/index.d.ts'),
    code: join(root, 'dist/index.js'),
  });
  expect(modules.has('squall/testing')).toBe(true);
  expect(modules.has('squall/package.json')).toBe(false);
});
