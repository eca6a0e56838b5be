/** A file that only this user may read: keys and tokens. @module */
import { files } from '../store.js';
import { whenMissing } from './system-error.js';

/** Its content, `undefined` when there is none. @throws Error when others may read it */
export async function readPrivate(path: string, store = files): Promise<Buffer | undefined> {
  const handle = await store.open(path, 'r').catch(whenMissing(undefined));
  if (handle === undefined) return undefined;
  try {
    const { mode } = await handle.stat();
    if ((mode & 0o077) !== 0)
      throw new Error(
        `${path} is open to other users (mode ${octal(mode)}). Run: chmod 600 ${path}`,
      );
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

const octal = (mode: number): string => (mode & 0o777).toString(8).padStart(3, '0');
