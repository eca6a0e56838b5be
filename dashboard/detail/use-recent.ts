/** Ten minutes of the topology that is shown, read once for each connection and then kept up. @module */
import { effect, useSignal, type ReadonlySignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { History, TopologyStatus } from '../../runtime/nimbus/status.js';
import { historyOf } from '../api.js';
import { Recent } from '../figures/recent.js';
import type { Live } from '../live.js';

const NOTHING: History = { atMs: [], components: [] };

/** A new object for each report, so that whoever shows it sees that it has grown; null until it has come. */
export function useRecent(
  name: string,
  live: Live<TopologyStatus>,
): ReadonlySignal<{ readonly recent: Recent } | null> {
  const shown = useSignal<{ readonly recent: Recent } | null>(null);
  useEffect(() => {
    const read = async (): Promise<void> => {
      // Without it, it begins now.
      const history = await historyOf(name).catch(() => NOTHING);
      const recent = new Recent(history);
      const status = live.figures.peek();
      if (status !== null) recent.add(status, Date.now());
      shown.value = { recent };
    };
    const stops = [
      effect(() => {
        if (live.connection.value === 'live') void read();
      }),
      effect(() => {
        const status = live.figures.value;
        const known = shown.peek();
        if (status === null || known === null) return;
        known.recent.add(status, Date.now());
        shown.value = { recent: known.recent };
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [name, live]);
  return shown;
}
