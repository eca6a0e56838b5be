/** The key that a state folder's dead letters are sealed with: `<state>/dead-letters.key`. @module */
import { join } from 'node:path';
import { files } from '../store.js';
import { keyAt, readKeyAt } from './key-file.js';

const keyFile = (stateDir: string): string => join(stateDir, 'dead-letters.key');

/** Made by whoever asks first. @throws Error when the file is not a key or others may read it */
export const deadLetterKey = (stateDir: string, store = files): Promise<Buffer> =>
  keyAt(keyFile(stateDir), store);

/** `undefined` when there is none. @throws Error when the file is not a key or others may read it */
export const readKey = (stateDir: string): Promise<Buffer | undefined> =>
  readKeyAt(keyFile(stateDir));
