/**
 * Which task reads what: plain files are divided by bytes, less what earlier runs committed;
 * a gzip file, standard input and a file that is followed belong to one task each.
 *
 * @module
 */
import { closeSync, fstatSync, openSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Positions } from '../../topology/dsl/spout.js';
import { divide, type Weighed } from './divide.js';
import { expand, isGlob } from './glob.js';
import { commitsOf, identify, idOf, type Commit } from './identity.js';
import { remaining, type Range } from './ranges.js';

interface FilePiece {
  readonly path: string;
  /** `<device>:<inode>`, to find it by after a rename. */
  readonly id: string;
  /** What its partitions are named by. */
  readonly name: string;
  readonly source: string;
  /** In bytes, as it was at `assign`: what came later is not read by this run. */
  readonly size: number;
}

export interface PlainPiece extends FilePiece, Range {
  readonly how: 'plain';
}

export interface GzipPiece extends FilePiece {
  readonly how: 'gzip';
  /** In decompressed bytes. */
  readonly from: number;
}

export interface StdinPiece {
  readonly how: 'stdin';
  readonly partition: string;
}

/** A part of the work, as plain JSON. */
export type Piece = PlainPiece | GzipPiece | StdinPiece;

/** A task's share of files that grow, as plain JSON. */
export interface FollowShare {
  /** Absolute paths and globs: all tasks look at all of them. */
  readonly patterns: readonly string[];
  /** The task of each file that was there at `assign`, by id. */
  readonly owners: { readonly [id: string]: number };
  readonly positions: readonly (readonly [partition: string, position: number])[];
}

/** Standard input cannot be read twice, so its positions mean nothing to another run. */
export function assignStdin(tasks: number): Piece[][] {
  if (fstatSync(0).isDirectory())
    throw new Error(
      "path '-' is standard input, and that is a folder. Give a file or a pipe there.",
    );
  const piece: Piece = { how: 'stdin', partition: `stdin:${process.pid}-${Date.now()}` };
  return divide([], [{ weight: 1, item: piece }], tasks);
}

export function assignFiles(
  paths: readonly string[],
  tasks: number,
  committed: Positions,
): Piece[][] {
  const commits = commitsOf(committed);
  const ranges: PlainPiece[] = [];
  const wholes: Weighed<GzipPiece>[] = [];
  for (const { path, id, size } of list(paths)) {
    const gzip = path.endsWith('.gz');
    const before = commits.get(id) ?? [];
    const { name, source, done } = opened(path, (fd) =>
      gzip
        ? identify({ fd, path }, id, before, Infinity, size > 0 ? lastEmpty(before) : -1)
        : identify({ fd, path }, id, before, size),
    );
    const piece = { path, id, name, source, size };
    if (!gzip)
      ranges.push(
        ...remaining(done, size).map((range) => ({ ...piece, how: 'plain' as const, ...range })),
      );
    else {
      const from = Math.max(0, ...done.map(({ end }) => end));
      wholes.push({ weight: size * GZIP_RATIO, item: { ...piece, how: 'gzip', from } });
    }
  }
  return divide<PlainPiece, GzipPiece>(ranges, wholes, tasks);
}

/** The generation in which a gzip file had no byte: the dead letter of that is nothing of what it holds now. */
const lastEmpty = (commits: readonly Commit[]): number =>
  Math.max(-1, ...commits.filter(({ length }) => length === 0).map(({ generation }) => generation));

export function assignFollowed(
  paths: readonly string[],
  tasks: number,
  committed: Positions,
): FollowShare[] {
  const zipped = paths.find((path) => path.endsWith('.gz'));
  if (zipped !== undefined)
    throw new Error(
      `${zipped}: a .gz file does not grow. Read it in a run of its own, without follow.`,
    );
  const files = list(paths).filter(({ path }) => !path.endsWith('.gz'));
  for (const { path } of files) opened(path, () => undefined);
  const share: FollowShare = {
    patterns: paths.map((path) => resolve(path)),
    owners: Object.fromEntries(files.map(({ id }, i) => [id, i % tasks])),
    positions: [...committed],
  };
  return new Array<FollowShare>(tasks).fill(share);
}

interface Listed {
  readonly path: string;
  readonly id: string;
  readonly size: number;
}

/** The files, each once, whatever number of names it has. */
function list(paths: readonly string[]): Listed[] {
  const files = new Map<string, Listed>();
  for (const path of paths) {
    const pattern = resolve(path);
    const found = isGlob(pattern)
      ? expand(pattern).flatMap((file) => inspect(file) ?? [])
      : [plain(pattern, path)];
    if (found.length === 0)
      throw new Error(
        `${path}: no file matches. Relative globs begin at ${process.cwd()}; quote a glob so that the shell leaves it alone.`,
      );
    for (const file of found) if (!files.has(file.id)) files.set(file.id, file);
  }
  return [...files.values()];
}

function plain(path: string, given: string): Listed {
  const file = inspect(path);
  if (!file) throw new Error(`${given}: no such file. Relative paths begin at ${process.cwd()}.`);
  return file;
}

function inspect(path: string): Listed | undefined {
  const stats = readable(path, () => statSync(path, { bigint: true, throwIfNoEntry: false }));
  if (stats?.isDirectory()) throw new Error(`${path} is a folder. Give a glob: ${path}/*`);
  if (stats && !stats.isFile())
    throw new Error(`${path} is no regular file. Pipe it into standard input and give '-'.`);
  return stats && { path, id: idOf(stats), size: Number(stats.size) };
}

function opened<T>(path: string, use: (fd: number) => T): T {
  const fd = readable(path, () => openSync(path, 'r'));
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}

function readable<T>(path: string, access: () => T): T {
  try {
    return access();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new Error(
      `${path}: cannot be read (${code}). Let this user read the file and the folders above it.`,
      { cause },
    );
  }
}

/** How much larger logs are unpacked, for the balance between tasks. */
const GZIP_RATIO = 8;
