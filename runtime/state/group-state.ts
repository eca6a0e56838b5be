/**
 * What a task remembers by key group, so that a group can be handed to another task: all of it in memory.
 *
 * @module
 */
import { LiveState } from '../../topology/dsl/live-state.js';
import type { KeyedState } from '../../topology/dsl/state.js';

export type Entry = readonly [group: number, key: string, value: unknown];
/** Put, or deleted. */
export type GroupChange = Entry | readonly [group: number, key: string];

export abstract class GroupState {
  #parts = new Map<number, Part>();
  #changed = new Set<Part>();
  /** What was stored is not what these changes are of: groups were taken, or given up. */
  #renewed = false;

  constructor(changes: Iterable<GroupChange>) {
    for (const [group, key, ...value] of changes) {
      const { live } = this.#part(group);
      value.length === 0 ? live.delete(key) : live.set(key, value[0]);
    }
  }

  /** Runs what stores, however long that takes. */
  durably: (store: () => Promise<void>) => Promise<void> = (store) => store();

  /** Stores what was put or deleted since it was called last; may be called again when it throws. */
  protected abstract store(): Promise<void>;

  abstract close(): Promise<void>;

  /** Resolves when all that was put or deleted before the call is durable. */
  flush(): Promise<void> {
    return this.durably(() => this.store());
  }

  of(group: number): KeyedState {
    return this.#part(group);
  }

  *parts(): Generator<KeyedState> {
    for (const part of this.#parts.values()) if (part.live.size > 0) yield part;
  }

  /** Forgets the groups that are another's, and refuses whoever still has parts of before. */
  keep(owns: (group: number) => boolean): void {
    const before = this.#parts;
    this.#parts = new Map();
    for (const part of before.values()) {
      part.end();
      if (owns(part.group)) this.#parts.set(part.group, part.again());
      else if (part.live.size > 0) this.#renewed = true;
    }
    // Whatever was put and not stored is among what is kept: store it all.
    if (this.#changed.size > 0) this.#renewed = true;
    this.#changed.clear();
  }

  /** Takes groups over from another task; it holds nothing of them. */
  take(entries: Iterable<Entry>): void {
    for (const [group, key, value] of entries) this.#part(group).put(key, value);
  }

  /** What the next flush stores: the changes since the last, or all there is. Asked for once. */
  protected takeChanges(): { readonly all: boolean; readonly changes: readonly GroupChange[] } {
    const all = this.#renewed;
    const changes = all
      ? [...this.entries()]
      : [...this.#changed].flatMap((part) => part.changes());
    for (const part of this.#changed) part.stored();
    this.#changed.clear();
    this.#renewed = false;
    return { all, changes };
  }

  protected get size(): number {
    let size = 0;
    for (const { live } of this.#parts.values()) size += live.size;
    return size;
  }

  *entries(): Generator<Entry> {
    for (const { group, live } of this.#parts.values())
      for (const [key, value] of live) yield [group, key, value];
  }

  #part(group: number): Part {
    let part = this.#parts.get(group);
    if (part === undefined) {
      part = new Part(group, this, (changed) => void this.#changed.add(changed));
      this.#parts.set(group, part);
    }
    return part;
  }
}

class Part extends LiveState {
  readonly group: number;
  readonly #owner: GroupState;
  readonly #onChange: (part: Part) => void;
  #ended = false;

  constructor(
    group: number,
    owner: GroupState,
    onChange: (part: Part) => void,
    live?: Map<string, unknown>,
  ) {
    super(live);
    this.group = group;
    this.#owner = owner;
    this.#onChange = onChange;
  }

  declare readonly live: Map<string, unknown>;

  override put(key: string, value: unknown): void {
    this.#change();
    super.put(key, value);
  }

  override delete(key: string): void {
    this.#change();
    super.delete(key);
  }

  flush(): Promise<void> {
    return this.#owner.flush();
  }

  changes(): GroupChange[] {
    return [...this.dirty].map((key) => {
      const value = this.live.get(key);
      return value === undefined ? [this.group, key] : [this.group, key, value];
    });
  }

  stored(): void {
    this.dirty.clear();
  }

  end(): void {
    this.#ended = true;
  }

  /** The same for the task as it is now. */
  again(): Part {
    return new Part(this.group, this.#owner, this.#onChange, this.live);
  }

  #change(): void {
    if (this.#ended)
      throw new Error('The state was changed when its keys had gone to another task.');
    this.#onChange(this);
  }
}
