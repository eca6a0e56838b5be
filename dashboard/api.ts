/** Asks the HTTP API of nimbus. @module */
import type { ScaleRequest, ScaleResult } from '../runtime/nimbus/operations.js';
import type { History } from '../runtime/nimbus/status.js';
import { token } from './token.js';

const LOOK_TIMEOUT_MS = 1500;
const ROOT = '/api/v1/topologies';

/** What went wrong, for people. */
export class Problem extends Error {
  override readonly name = 'Problem';
  /** HTTP's; 0 when nobody answered. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export const liveListPath = '/api/v1/live';
export const livePath = (topology: string): string => `${pathOf(topology)}/live`;

/** @throws Problem, as all of these */
export const historyOf = (topology: string): Promise<History> =>
  answerTo('GET', `${pathOf(topology)}/history`);

/** Asks once for what a live path tells again and again. */
export const look = <T>(path: string): Promise<T> =>
  answerTo('GET', path === liveListPath ? ROOT : path.replace(/\/live$/, ''));

export const scale = (topology: string, request: ScaleRequest): Promise<ScaleResult> =>
  answerTo('POST', `${pathOf(topology)}/scale`, request);

export const change = (topology: string, verb: 'pause' | 'resume' | 'drain'): Promise<unknown> =>
  answerTo('POST', `${pathOf(topology)}/${verb}`);

export const kill = (topology: string): Promise<unknown> => answerTo('DELETE', pathOf(topology));

const pathOf = (topology: string): string => `${ROOT}/${encodeURIComponent(topology)}`;

async function answerTo<T>(method: string, path: string, body?: object): Promise<T> {
  const headers = new Headers();
  const ours = token.value;
  if (method !== 'GET' && ours !== null) headers.set('Authorization', `Bearer ${ours}`);
  if (body !== undefined) headers.set('Content-Type', 'application/json');
  const request = {
    ...{ method, headers },
    ...(body && { body: JSON.stringify(body) }),
    // Changes may take their time; figures that come late are not those of now.
    ...(method === 'GET' && { signal: AbortSignal.timeout(LOOK_TIMEOUT_MS) }),
  };
  const response = await fetch(path, request).catch(() => {
    throw new Problem(0, 'Nimbus does not answer.');
  });
  if (!response.ok) throw new Problem(response.status, await reasonIn(response));
  return response.json();
}

/** Errors are problem+json (RFC 9457). */
async function reasonIn(response: Response): Promise<string> {
  const problem: { detail?: string; title?: string } = await response.json().catch(() => ({}));
  return problem.detail ?? problem.title ?? `Nimbus answered with status ${response.status}.`;
}
