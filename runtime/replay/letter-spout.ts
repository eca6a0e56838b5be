/** Stands for a spout in a replay: it gives the letters that were its messages. @module */
import { spout, type Batch, type Spout, type SpoutContext } from '../../topology/dsl/spout.js';
import type { DeclaredNode } from '../../topology/dsl/topology.js';
import type { Built } from '../../topology/plan/build.js';
import { readKey } from '../state/dead-letter-key.js';
import {
  partsOf,
  readSegment,
  type KeptLetter,
  type SegmentRead,
} from '../state/letter-segments.js';
import { partitionOf, readSelection, sharesOf, type Share } from '../state/replayed.js';
import { LetterBatch, type Revived } from './letter-batch.js';

/**
 * The same topology, but its messages are the selected letters of a state folder. The plan is the same, too: the real
 * spouts are not asked, and nothing receives for them.
 *
 * @param stateDir undefined: as it was built
 */
export function replaying(built: Built, stateDir: string | undefined): Built {
  if (stateDir === undefined) return built;
  const replaced = (node: DeclaredNode): DeclaredNode =>
    node.role === 'spout'
      ? { ...node, component: letterSpout(node.name, node.component, stateDir) }
      : node;
  const components = [...built.components].map(([name, node]): [string, DeclaredNode] => [
    name,
    replaced(node),
  ]);
  return { ...built, components: new Map(components) };
}

const letterSpout = (name: string, real: Spout<object>, stateDir: string): Spout<object> =>
  spout<object>({
    kind: real.kind,
    emits: real.emits,
    async assign(tasks) {
      return sharesOf((await placesOf(stateDir, name)).length, tasks);
    },
    async open(context) {
      const key = await readKey(stateDir);
      if (key === undefined) throw new Error('The key of the dead letters is gone.');
      const read = (file: string): Promise<SegmentRead> => readSegment(stateDir, file, key);
      return new LetterTask(context, await placesOf(stateDir, name), read, real);
    },
  });

const placesOf = async (stateDir: string, name: string): Promise<readonly string[]> =>
  (await readSelection(stateDir))?.[name] ?? [];

class LetterTask {
  readonly #context: SpoutContext;
  readonly #partition: string;
  readonly #places: readonly string[];
  readonly #read: (file: string) => Promise<SegmentRead>;
  readonly #real: Spout<object>;
  #next: number;
  readonly #end: number;
  /** The segment at hand, by place. */
  #segment:
    | { readonly file: string; readonly letters: ReadonlyMap<string, KeptLetter> }
    | undefined;
  #outBytes = 0;

  constructor(
    context: SpoutContext,
    places: readonly string[],
    read: (file: string) => Promise<SegmentRead>,
    real: Spout<object>,
  ) {
    // As `assign` made it.
    const share = context.assignment as Share;
    this.#context = context;
    this.#partition = partitionOf(share);
    this.#places = places;
    this.#read = read;
    this.#real = real;
    this.#next = context.committed.get(this.#partition) ?? share.start;
    this.#end = share.end;
  }

  async poll(): Promise<LetterBatch | 'idle' | 'done'> {
    if (this.#next === this.#end) return 'done';
    if (this.#outBytes > OUT_BYTES_MAX) return 'idle';
    const letters: Revived[] = [];
    let bytes = 0;
    while (this.#next < this.#end && letters.length < LETTERS_MAX && bytes < BATCH_BYTES) {
      const kept = await this.#letter(this.#places[this.#next]!);
      letters.push({ kept, message: revived(this.#real, kept), number: this.#next++ });
      bytes += kept.letter.raw.length;
    }
    const batch = new LetterBatch(this.#partition, letters);
    this.#outBytes += batch.bytes;
    return batch;
  }

  release(batch: Batch<object>): void {
    const wasFull = this.#outBytes > OUT_BYTES_MAX;
    this.#outBytes -= (batch as LetterBatch).bytes;
    if (wasFull && this.#outBytes <= OUT_BYTES_MAX) this.#context.wake();
  }

  async #letter(place: string): Promise<KeptLetter> {
    const { file } = partsOf(place);
    if (this.#segment?.file !== file) {
      const { letters } = await this.#read(file);
      this.#segment = { file, letters: new Map(letters.map((kept) => [kept.place, kept])) };
    }
    const kept = this.#segment.letters.get(place);
    if (kept === undefined) throw new Error(`The dead letter ${place} can no longer be read.`);
    return kept;
  }
}

function revived({ revive }: Spout<object>, { letter }: KeptLetter): Batch<never> | undefined {
  try {
    const { partition, position, raw, besides } = letter;
    return revive?.({ partition, position, raw, besides });
  } catch {
    return undefined;
  }
}

const LETTERS_MAX = 512;
const BATCH_BYTES = 1024 * 1024;
/** What may be out with the bolts; beyond it no segment is read. */
const OUT_BYTES_MAX = 32 * 1024 * 1024;
