/** Every bug that the oracle must find. @module */
import type { Mutant } from './mutant.js';
import { ofState } from './of-state.js';
import { ofTransport } from './of-transport.js';
import { ofWorkers } from './of-workers.js';

export const MUTANTS: readonly Mutant[] = [...ofWorkers, ...ofTransport, ...ofState];
