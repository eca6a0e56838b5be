/**
 * Files as a port: whatever keeps state asks a `Store`, so that the simulation can cut the power, tear writes
 * and fill the disk. What a process must find again after that was synced: a file by its own sync, its name by its folder's.
 *
 * @module
 */
import fs from 'node:fs/promises';

/** Of `node:fs/promises` what state is kept with; errors have the same codes. */
export interface Store {
  /** A folder can be opened, too, to be synced. */
  open(path: string, flags: string | number, mode?: number): Promise<StoreFile>;
  readFile(path: string): Promise<Buffer>;
  readdir(path: string): Promise<string[]>;
  rename(from: string, to: string): Promise<void>;
  link(existing: string, path: string): Promise<void>;
  rm(path: string, options: { readonly force: boolean }): Promise<void>;
  mkdir(path: string, options: { readonly mode: number }): Promise<unknown>;
  stat(path: string): Promise<{ isDirectory(): boolean }>;
}

export interface StoreFile {
  write(
    bytes: Buffer,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesWritten: number }>;
  writeFile(content: string | Uint8Array): Promise<void>;
  readFile(): Promise<Buffer>;
  truncate(length: number): Promise<void>;
  sync(): Promise<void>;
  datasync(): Promise<void>;
  stat(): Promise<{ readonly mode: number }>;
  close(): Promise<void>;
}

/** The disks of the machine. */
export const files: Store = fs;
