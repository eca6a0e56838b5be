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
/** Figures come once a second while there are new ones: after so long without any, nimbus is asked. */
const SILENCE_MS = 2500;
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
  let asking = false;

  const take = (news: T): void => {
    figures.value = news;
    atMs = performance.now();
    ageMs.value = 0;
    connection.value = 'live';
  };
  const open = (): void => {
    openedMs = performance.now();
    source?.close();
    source = new EventSource(path);
    source.addEventListener('status', ({ data }) => take(JSON.parse(data)));
    source.addEventListener('gone', stop('gone'));
    source.addEventListener('error', () => {
      stop('lost')();
      void ask();
    });
  };
  const close = (): void => {
    source?.close();
    source = null;
  };
  const stop = (why: Connection) => () => {
    close();
    connection.value = why;
  };
  /** Whether it is nimbus that is silent, or only that there is nothing new. */
  const ask = async (): Promise<void> => {
    asking = true;
    try {
      const answer = await look<T>(path);
      if (source !== null) take(answer);
    } catch (error) {
      if (error instanceof Problem && error.status === 404) stop('gone')();
      else connection.value = 'lost';
    } finally {
      asking = false;
    }
  };
  const tick = (): void => {
    if (document.hidden || connection.value === 'gone') return;
    const nowMs = performance.now();
    const silentMs = nowMs - Math.max(atMs, openedMs);
    if (connection.value === 'lost') ageMs.value = nowMs - atMs;
    if (source === null || silentMs > GIVEN_UP_MS) open();
    else if (silentMs > SILENCE_MS && !asking) void ask();
  };
  const show = (): void => {
    close();
    if (document.hidden || connection.value === 'gone') return;
    connection.value = 'connecting';
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
