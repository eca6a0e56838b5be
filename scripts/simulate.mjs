/** `npm run simulate -- …flags`: sets up, and runs seeds of the simulation (`runtime/simulation/main.ts`). @module */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, setUp } from './setup.mjs';

setUp();
await import(pathToFileURL(join(ROOT, 'dist/runtime/simulation/main.js')).href);
