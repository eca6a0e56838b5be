/** One topology: what limits it, its graph, and what can be done with it. @module */
import type { TopologyStatus } from '../../runtime/nimbus/status.js';
import { livePath } from '../api.js';
import { Actions } from '../actions/actions.js';
import type { Recent } from '../figures/recent.js';
import { Frame } from '../frame.js';
import { place } from '../place.js';
import { StateMark } from '../state-mark.js';
import { useLive } from '../use-live.js';
import { ComponentPanel } from './component-panel.js';
import { Headline } from './headline.js';
import { LimitNote } from './limit-note.js';
import { Reasons } from './reasons.js';
import { useRecent } from './use-recent.js';
import { Wiring } from './wiring.js';
import { Workers } from './workers.js';

export function TopologyPage({ name }: { name: string }) {
  const live = useLive<TopologyStatus>(livePath(name));
  const recent = useRecent(name, live);
  const topology = live.figures.value;
  const gone = live.connection.value === 'gone';
  return (
    <Frame title={name} beside={topology !== null && <Beside topology={topology} />} live={live}>
      {gone && (
        <p class="empty">
          There is no topology {name}
          {topology !== null && ' any more: it was killed. These were its last figures'}.{' '}
          <a href="#/">See all topologies</a>
        </p>
      )}
      {topology !== null ? (
        <Figures topology={topology} recent={recent.value?.recent ?? null} />
      ) : (
        !gone && <p class="empty">Loading …</p>
      )}
    </Frame>
  );
}

const Beside = ({ topology }: { topology: TopologyStatus }) => (
  <>
    <StateMark topology={topology} />
    <Actions topology={topology} />
  </>
);

interface Shown {
  readonly topology: TopologyStatus;
  /** Null until it has come. */
  readonly recent: Recent | null;
}

function Figures({ topology, recent }: Shown) {
  const chosen = chosenOf(topology);
  return (
    <>
      <LimitNote topology={topology} />
      <Headline topology={topology} />
      <div class="halves">
        <Wiring topology={topology} chosen={chosen?.name} />
        {chosen !== undefined && (
          <ComponentPanel topology={topology} component={chosen} recent={recent} />
        )}
      </div>
      <Workers topology={topology} />
      <Reasons topology={topology} />
    </>
  );
}

/** The one that the address names; else the one to look at first, which is what limits. */
function chosenOf({
  components,
  limit,
}: TopologyStatus): TopologyStatus['components'][number] | undefined {
  const find = (
    name: string | null | undefined,
  ): TopologyStatus['components'][number] | undefined =>
    components.find((component) => component.name === name);
  return find(place.value.component) ?? find(limit?.component) ?? components[0];
}
