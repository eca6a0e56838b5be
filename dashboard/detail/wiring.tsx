/** How the components are wired: as a graph, or as tables that say the same. @module */
import { useSignal } from '@preact/signals';
import type { TopologyStatus } from '../../runtime/nimbus/status.js';
import { GraphView } from '../graph/graph-view.js';
import { ComponentTables } from './component-tables.js';

interface WiringOptions {
  readonly topology: TopologyStatus;
  readonly chosen: string | undefined;
}

export function Wiring({ topology, chosen }: WiringOptions) {
  const asTable = useSignal(false);
  return (
    <section class={asTable.value ? 'wiring tables' : 'wiring'} aria-labelledby="wiring">
      <div class="section-head">
        <h2 id="wiring">Components</h2>
        <div class="choice" role="group" aria-label="Shown as">
          <Choice on={!asTable.value} choose={() => (asTable.value = false)}>
            Graph
          </Choice>
          <Choice on={asTable.value} choose={() => (asTable.value = true)}>
            Table
          </Choice>
        </div>
      </div>
      {asTable.value ? (
        <ComponentTables topology={topology} chosen={chosen} />
      ) : (
        <GraphView topology={topology} chosen={chosen} />
      )}
    </section>
  );
}

interface ChoiceOptions {
  readonly on: boolean;
  readonly choose: () => void;
  readonly children: string;
}

const Choice = ({ on, choose, children }: ChoiceOptions) => (
  <button type="button" aria-pressed={on} onClick={choose}>
    {children}
  </button>
);
