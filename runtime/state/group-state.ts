/**
 * What a task remembers by key group, so that a group can be handed to another task: all of it in memory.
 *
 * @module
 */
import { LiveState } from '../../topology/dsl/live-state.js';
import type { KeyedState } from '../../topology/dsl/state.js';

export type Entry = readonly [group: number, key: string, value: unknown];
/** Put, deleted, or all of the group forgotten. */
export type GroupChange = Entry | readonly [group: number, key: string] | readonly [group: number];

export abstract class GroupState {
  #parts = new Map<number, Part>();
  #changed = new Set<Part>();
  /** Groups that were given up since the last flush, and may be on disk. */
  #forgotten = new Set<number>();

  constructor(changes: Iterable<GroupChange> = []) {
    this.apply(changes);
  }

  /** Goes on as it was stored. */
  apply(changes: Iterable<GroupChange>): void {
    for (const [group, key, ...value] of changes) {
      if (key === undefined) this.#parts.delete(group);
      else if (value.length === 0) this.#part(group).live.delete(key);
      else this.#part(group).live.set(key, value[0]);
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
    this.#changed.clear();
    for (const part of before.values()) {
      part.end();
      if (owns(part.group)) this.#continue(part);
      else if (part.live.size > 0 || part.changed) this.#forgotten.add(part.group);
    }
  }

  /** Takes groups over from another task; it holds nothing of them. */
  take(entries: Iterable<Entry>): void {
    for (const [group, key, value] of entries) this.#part(group).put(key, value);
  }

  /** What changed since it was asked last. */
  protected takeChanges(): readonly GroupChange[] {
    const changes: GroupChange[] = [...this.#forgotten].map((group) => [group]);
    for (const part of this.#changed) for (const change of part.takeChanges()) changes.push(change);
    this.#forgotten.clear();
    this.#changed.clear();
    return changes;
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

  /** For the task as it is now. */
  #continue(before: Part): void {
    const part = before.again();
    this.#parts.set(part.group, part);
    if (part.changed) this.#changed.add(part);
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

  get changed(): boolean {
    return this.dirty.size > 0;
  }

  takeChanges(): GroupChange[] {
    const changes = [...this.dirty].map((key): GroupChange => {
      const value = this.live.get(key);
      return value === undefined ? [this.group, key] : [this.group, key, value];
    });
    this.dirty.clear();
    return changes;
  }

  end(): void {
    this.#ended = true;
  }

  /** The same, not ended. */
  again(): Part {
    const part = new Part(this.group, this.#owner, this.#onChange, this.live);
    for (const key of this.dirty) part.dirty.add(key);
    return part;
  }

  #change(): void {
    if (this.#ended)
      throw new Error('The state was changed when its keys had gone to another task.');
    this.#onChange(this);
  }
}
