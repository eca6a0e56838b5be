/** All topologies of the cluster, and how each fares. @module */
import type { TopologySummary } from '../../runtime/nimbus/status.js';
import { liveListPath } from '../api.js';
import { Frame } from '../frame.js';
import { useLive } from '../use-live.js';
import { TopologyTable } from './topology-table.js';

export function ListPage() {
  const live = useLive<readonly TopologySummary[]>(liveListPath);
  const topologies = live.figures.value;
  return (
    <Frame title="Topologies" live={live}>
      {topologies === null ? (
        <p class="empty">
          {live.connection.value === 'lost' ? 'Nothing is known yet.' : 'Loading …'}
        </p>
      ) : topologies.length === 0 ? (
        <Empty />
      ) : (
        <TopologyTable topologies={topologies} />
      )}
    </Frame>
  );
}

const Empty = () => (
  <div class="empty">
    <p>No topology is here yet. Submit one that ships with Squall, or a file of your own:</p>
    <pre>
      <code>squall submit canonicalize</code>
    </pre>
  </div>
);
