/** Where rolling files go, and when they are finished. @module */

export interface RollingOptions {
  /** The folder of the finished files; made when it is missing. */
  readonly dir: string;
  /**
   * Sub-folders by the values of rows, e.g. `{country_code}/{dt:yyyy/MM/dd/HH}` with a text and a
   * time in UTC. By default there are none. A task writes to 64 of them at once; where rows need
   * more at a time, files get many and small.
   */
  readonly partition?: string;
  /** A file is finished by the flush after which it has at least this many bytes. By default 128 MiB. */
  readonly rollBytes?: number;
  /** A file is finished about this long after its first row, in milliseconds. By default 10 minutes. */
  readonly rollMs?: number;
  /** What the names of files begin with. By default the component's name. */
  readonly name?: string;
}

export const ROLL_BYTES = 128 * 1024 * 1024;
export const ROLL_MS = 600_000;
