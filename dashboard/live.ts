/**
 * Figures as nimbus sends them, once a second, and how old they are.
 *
 * @module
 */
import { signal, type ReadonlySignal } from '@preact/signals';
import { look, Problem } from './api.js';

/** `lost`: nobody answers, or says nothing new; it is tried again. `gone`: there is no such thing. */
export type Connection = 'connecting' | 'live' | 'lost' | 'gone';

export interface Live<T> {
  readonly figures: ReadonlySignal<T | null>;
  readonly connection: ReadonlySignal<Connection>;
  /** Since the figures came; it grows only while the connection is lost. */
  readonly ageMs: ReadonlySignal<number>;
  end(): void;
}

const PERIOD_MS = 1000;
/** Figures come once a second: whoever has none for so long is told. */
const SILENCE_MS = 4000;
/** A connection may die without a word. */
const GIVEN_UP_MS = 15_000;

/** Follows a stream of server-sent events until `end`. A tab that nobody sees holds no connection. */
export function follow<T>(path: string): Live<T> {
  const figures = signal<T | null>(null);
  const connection = signal<Connection>('connecting');
  const ageMs = signal(0);
  let source: EventSource | null = null;
  let atMs = performance.now();
  let openedMs = atMs;

  const open = (): void => {
    openedMs = performance.now();
    source?.close();
    source = new EventSource(path);
    source.addEventListener('status', ({ data }) => {
      figures.value = JSON.parse(data);
      atMs = performance.now();
      ageMs.value = 0;
      connection.value = 'live';
    });
    source.addEventListener('gone', () => {
      close();
      connection.value = 'gone';
    });
    source.addEventListener('error', () => void fail());
  };
  const close = (): void => {
    source?.close();
    source = null;
  };
  const fail = async (): Promise<void> => {
    close();
    connection.value = 'lost';
    const problem: unknown = await look(path).catch((error: unknown) => error);
    if (problem instanceof Problem && problem.status === 404) connection.value = 'gone';
  };
  const tick = (): void => {
    if (document.hidden || connection.value === 'gone') return;
    const nowMs = performance.now();
    if (nowMs - atMs > SILENCE_MS) connection.value = 'lost';
    if (connection.value !== 'lost') return;
    ageMs.value = nowMs - atMs;
    if (source === null || nowMs - Math.max(atMs, openedMs) > GIVEN_UP_MS) open();
  };
  const show = (): void => {
    close();
    if (document.hidden || connection.value === 'gone') return;
    connection.value = 'connecting';
    atMs = performance.now();
    open();
  };

  document.addEventListener('visibilitychange', show);
  const timer = setInterval(tick, PERIOD_MS);
  show();
  return {
    figures,
    connection,
    ageMs,
    end() {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', show);
      close();
    },
  };
}
