/**
 * Who has seen which message, and why: `<state>/reveals.log`, an object a line. It is only ever appended to.
 *
 * @module
 */
import { open, type FileHandle } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { syncFolder } from '../../runtime/state/folder.js';

const revealsPath = (stateDir: string): string => join(stateDir, 'reveals.log');

/** Resolves when it is on disk: nothing may be shown before. */
export async function noteReveal(stateDir: string, id: string, reason: string): Promise<void> {
  const time = new Date().toISOString();
  const line = JSON.stringify({ time, ...who(), command: 'dlq show', id, reason });
  const handle = await open(revealsPath(stateDir), 'a+', 0o600);
  try {
    const text = `${(await endsInside(handle)) ? '\n' : ''}${line}\n`;
    await handle.appendFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await syncFolder(stateDir);
}

/** Of the system, not of the environment, which anyone can set. */
function who(): { readonly user: string; readonly uid: number } {
  const uid = process.getuid?.() ?? -1;
  try {
    return { user: userInfo().username, uid };
  } catch {
    return { user: 'unknown', uid };
  }
}

/** Whoever wrote last was killed within a line. */
async function endsInside(handle: FileHandle): Promise<boolean> {
  const { size } = await handle.stat();
  if (size === 0) return false;
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] !== NEWLINE;
}

const NEWLINE = 0x0a;
