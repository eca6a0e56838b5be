/**
 * Who may import whom. `npm test` refuses everything else, cycles and type-only imports included;
 * `test/layers.test.ts` plants what these rules must refuse and sees each refused.
 */

/** A folder or file may import itself and what stands beside it here, directly. */
const may = {
  schemas: [],
  config: ['schemas'],
  'topology/rows': ['schemas'],
  'topology/dsl': ['topology/rows', 'schemas'],
  'topology/plan': ['topology/dsl', 'topology/rows', 'schemas'],
  bolts: ['topology/plan', 'topology/dsl', 'topology/rows', 'schemas'],
  spouts: ['topology/plan', 'topology/dsl', 'topology/rows', 'schemas'],
  'topology/catalog': ['bolts', 'spouts', 'topology/plan', 'topology/dsl', 'topology/rows', 'schemas'],
  // The runtime meets bolts and spouts only through a plan.
  runtime: ['topology/plan', 'topology/dsl', 'topology/rows', 'schemas', 'config'],
  cli: ['runtime', 'topology', 'bolts', 'spouts', 'schemas', 'config'],
  // The entries of the package.
  'index.ts': ['topology/plan', 'topology/dsl', 'topology/rows', 'bolts', 'spouts'],
  'topology/reveal.ts': ['topology/rows'],
  // Nobody imports these.
  bench: ['index.ts', 'runtime', 'topology', 'bolts', 'spouts', 'schemas', 'config', 'cli'],
};

/** Who may open sealed values, beside tests and benches: what a privacy reviewer reads. */
const unsealing = ['topology/rows', 'topology/reveal.ts', 'runtime', 'bolts/parse', 'bolts/anonymize', 'bolts/geotag', 'bolts/validate'];

const at = (place) => `^${place.replaceAll('.', '\\.')}${place.endsWith('.ts') ? '$' : '/'}`;
const ours = '^(index\\.ts$|(topology|spouts|bolts|runtime|config|schemas|cli|bench|test|scripts|dist)/)';
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

const layers = Object.entries(may).map(([place, others]) =>
  rule(`${place}-imports-only-its-layers`, `${place} may import: ${others.join(', ') || 'nothing of ours'}.`,
    { path: at(place) }, { path: ours, pathNot: [place, ...others].map(at) }));

module.exports = {
  forbidden: [
    ...layers,
    rule('schemas-know-only-the-types-of-fields', 'Of topology/rows/field.ts, and only as a type.',
      { path: at('schemas') }, { path: at('topology/rows/field.ts'), dependencyTypesNot: ['type-only'] }),
    rule('bolts-and-spouts-do-not-know-each-other', 'A topology wires them. Sinks share bolts/sink/files.',
      { path: '^((?:bolts/sink|bolts|spouts)/[^/.]+)[/.]' },
      { path: '^(bolts|spouts)/', pathNot: ['^$1[/.]', '^bolts/sink/files/'] }),
    rule('only-these-open-the-seal', `${unsealing.join(', ')}, tests and benches.`,
      { pathNot: [...unsealing, 'bench', 'test'].map(at) }, { path: at('topology/rows/reveal.ts') }),
    rule('nobody-goes-round-the-seal', 'The linter reads which names are imported; of an import() it cannot.',
      { pathNot: at('topology/rows') }, { path: at('topology/rows/pii.ts'), dynamic: true }),
    rule('no-cycles', 'Not even of types: whoever reads one file of a cycle must read them all.', {}, { circular: true }),
    rule('everything-resolves', 'Also: nothing imports the built package.', {}, { couldNotResolve: true }),
    rule('what-ships-needs-no-dev-dependency', 'Move it to dependencies.',
      { path: ours, pathNot: '^(bench|test|scripts)/' }, { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] }),
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'], mainFields: ['main', 'types'] },
  },
};
