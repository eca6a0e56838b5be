/**
 * Who may import whom. `npm test` refuses everything else, cycles and type-only imports included;
 * `test/layers.test.ts` plants what these rules must refuse and sees each refused.
 */

/** A folder or file may import itself and what stands beside it here. */
const may = {
  schemas: ['topology/rows/field.ts'], // its types only: the linter sees to that
  config: ['schemas'],
  'topology/rows': ['schemas'],
  'topology/dsl': ['topology/rows', 'schemas'],
  'topology/plan': ['topology/dsl', 'topology/rows', 'schemas'],
  clients: [],
  bolts: ['clients', 'topology/plan', 'topology/dsl', 'topology/rows', 'schemas'],
  spouts: ['clients', 'topology/plan', 'topology/dsl', 'topology/rows', 'schemas'],
  'topology/catalog': ['bolts', 'spouts', 'topology', 'schemas'],
  runtime: ['topology/plan', 'topology/dsl', 'topology/rows', 'schemas', 'config'], // it meets bolts only through a plan
  // A whole run in one process, of topologies of its own.
  'runtime/simulation': ['runtime', 'bolts/count-by', 'topology', 'schemas'],
  cli: ['runtime', 'topology', 'bolts', 'spouts', 'schemas', 'config'],
  bench: [
    'index.ts',
    'clients',
    'test/support/services',
    'cli',
    'runtime',
    'topology',
    'bolts',
    'spouts',
    'schemas',
    'config',
  ],
  dashboard: ['runtime/nimbus/status.ts', 'runtime/nimbus/operations.ts'], // types, of what the HTTP API says
  'index.ts': ['topology/plan', 'topology/dsl', 'topology/rows', 'bolts', 'spouts'],
  'topology/reveal.ts': ['topology/rows'],
};

/** Who may open sealed values, beside tests and benches: what a privacy reviewer reads. */
const unsealers = [
  'topology/rows',
  'topology/reveal.ts',
  'runtime',
  'bolts/parse',
  'bolts/anonymize',
  'bolts/geotag',
  'bolts/validate',
];

/** What several sinks are made of; otherwise bolts do not know each other. */
const sharedBySinks = [
  'bolts/sink/files',
  'bolts/sink/rows',
  'bolts/sink/json-lines/row-encoder.ts',
  'bolts/sink/avro-files/row-encoder.ts',
];

const at = (place) => (place.endsWith('.ts') ? `^${place.replace('.', '\\.')}$` : `^${place}/`);
const ours =
  '^(index\\.ts$|(clients|topology|spouts|bolts|runtime|config|schemas|cli|dashboard|bench|test|scripts)/)';
const not = (name, from, to) => ({ name, severity: 'error', from, to });

/** Places within another have a line of their own. */
const inner = (place) =>
  Object.keys(may)
    .filter((other) => other.startsWith(`${place}/`))
    .map(at);

const layers = Object.entries(may).map(([place, others]) =>
  not(
    `${place} may import ${others.join(', ')}`,
    { path: at(place), pathNot: inner(place) },
    { path: ours, pathNot: [place, ...others].map(at) },
  ),
);

module.exports = {
  forbidden: [
    ...layers,
    not(
      'bolts and spouts do not know each other',
      { path: '^((?:bolts/sink|bolts|spouts)/[^/.]+)[/.]' },
      { path: '^(bolts|spouts)/', pathNot: ['^$1[/.]', ...sharedBySinks.map(at)] },
    ),
    not(
      'what sinks share is for sinks',
      { pathNot: ['^bolts/sink/', '^(bench|test)/'] },
      { path: sharedBySinks.map(at) },
    ),
    not(
      'only these open the seal',
      { pathNot: [...unsealers, 'bench', 'test'].map(at) },
      { path: ['topology/rows/reveal.ts', 'topology/reveal.ts'].map(at) },
    ),
    // The linter reads which names of pii.ts are imported; of an import() it cannot.
    not(
      'nobody goes round the seal',
      { pathNot: at('topology/rows') },
      { path: at('topology/rows/pii.ts'), dynamic: true },
    ),
    not('no cycles', {}, { circular: true }),
    not('all imports resolve', {}, { couldNotResolve: true }),
    not('nobody imports what was built', {}, { path: '^dist/' }),
    not(
      'what ships needs no devDependency',
      { path: ours, pathNot: '^(bench|test|scripts|dashboard)/' }, // the page is bundled
      { dependencyTypes: ['npm-dev'] },
    ),
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    exclude: { path: '\\.tsx$' }, // it reads no JSX: the linter sees to the page's views
    doNotFollow: { path: ['node_modules', '^dist/'] },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
