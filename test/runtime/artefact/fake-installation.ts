/** An installation of the parts that a topology file needs, built from the sources into a temporary folder. @module */
import { execFileSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { installation, type Installation } from '../../../runtime/artefact/installation.js';

const EXPORTS = {
  '.': { types: './dist/index.d.ts', default: './dist/index.js' },
  './package.json': './package.json',
};

const INDEX = `
export { topology } from './topology/dsl/topology.js';
export { schema } from './topology/rows/schema.js';
export { int, pii, text } from './topology/rows/field.js';
export { spout } from './topology/dsl/spout.js';
export { sink } from './topology/dsl/sink.js';
`;

export async function fakeInstallation(root: string): Promise<Installation> {
  await mkdir(join(root, 'dist'), { recursive: true });
  await symlink(resolve('node_modules'), join(root, 'node_modules'));
  await writeFile(
    join(root, 'package.json'),
    JSON.stringify({ name: 'squall', type: 'module', exports: EXPORTS }),
  );
  await writeFile(join(root, 'dist/index.js'), INDEX);
  await writeFile(join(root, 'dist/index.d.ts'), INDEX);
  const config = {
    extends: resolve('tsconfig.json'),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      outDir: join(root, 'dist'),
      rootDir: resolve('.'),
      typeRoots: [resolve('node_modules/@types')],
    },
    files: [resolve('topology/dsl/topology.ts')],
    include: [],
  };
  await writeFile(join(root, 'tsconfig.json'), JSON.stringify(config));
  execFileSync(
    process.execPath,
    [resolve('node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.json')],
    { stdio: 'inherit' },
  );
  return installation(root);
}

/** A topology that is right, in four lines. */
export const GOOD = `import { int, schema, sink, spout, topology } from 'squall';
const Numbers = schema('numbers', { n: int() });
const numbers = spout<{ n: number }>({ kind: 'numbers', emits: Numbers, open: () => ({ poll: () => 'done' as const }) });
const print = sink<{ n: number }>({ kind: 'print', open: () => ({ write: (row) => console.log(row.n) }) });
export default topology('hello', (t) => {
  t.sink('print', print, { from: t.spout('numbers', numbers).shuffle() });
});
`;
