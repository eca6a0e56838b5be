/**
 * `npm run simulate -- --seeds 2000 --from 1`: runs seeds, and says of each that breaks a promise how to see that again.
 * With `--trace` everything that happens is printed; with `--mutants` it is shown that the oracle finds each known bug.
 *
 * @module
 */
import { parseArgs } from 'node:util';
import { MUTANTS } from './mutants/index.js';
import type { Mutant } from './mutants/mutant.js';
import { simulate, type Outcome } from './simulate.js';
import { Tally } from './tally.js';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '2000' },
    from: { type: 'string', default: '1' },
    mutants: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
  },
});
const first = Number(values.from);
const last = first + Number(values.seeds) - 1;
const print = (line: string): void => void process.stdout.write(`${line}\n`);

async function runSeeds(): Promise<void> {
  const tally = new Tally();
  for (let seed = first; seed <= last; seed++) {
    const outcome = await simulate(seed, { trace: values.trace });
    for (const line of outcome.trace) print(line);
    tally.add(outcome);
    if (outcome.violation !== null) fail(`${told(outcome)}\n  ${again(seed)}`);
  }
  print(tally.text());
  const lacking = tally.lacking();
  if (lacking.length > 0) fail(`Too few of: ${lacking.join(', ')}`);
}

async function runMutant(mutant: Mutant): Promise<void> {
  for (let seed = first; seed <= last; seed++) {
    const outcome = await simulate(seed, { mutant });
    if (outcome.violation !== null) return print(`found: ${mutant.name}\n  ${told(outcome)}`);
  }
  fail(`NOT found: ${mutant.name}`);
}

const told = ({ seed, shape, violation }: Outcome): string =>
  `seed ${seed}, ${shape}: ${violation}`;

const again = (seed: number): string => `npm run simulate -- --from ${seed} --seeds 1 --trace`;

function fail(line: string): void {
  process.exitCode = 1;
  print(line);
}

if (values.mutants) for (const mutant of MUTANTS) await runMutant(mutant);
else await runSeeds();
