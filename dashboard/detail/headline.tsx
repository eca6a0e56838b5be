/** A topology in eight figures. @module */
import type { TopologyStatus } from '../../runtime/nimbus/status.js';
import { count, rate, several } from '../figures/format.js';
import { Figure, Figures } from './figures.js';

export function Headline({ topology }: { topology: TopologyStatus }) {
  const { rates, acked, lag, deadLetters, restarts, workers, workerStatus } = topology;
  const up = workerStatus.filter((worker) => worker.up).length;
  const inFlight = workerStatus.reduce((sum, worker) => sum + worker.inFlight, 0);
  return (
    <Figures>
      <Figure name="Emitted">{rate(rates.emitted)}</Figure>
      <Figure name="Acked" note={`${count(acked)} in all`}>
        {rate(rates.acked)}
      </Figure>
      <Figure name="Failed" bad={rates.failed > 0}>
        {rate(rates.failed)}
      </Figure>
      <Figure name="In flight" note="messages">
        {count(inFlight)}
      </Figure>
      <Figure name="Lag" note={lag === null ? 'not known' : 'not read yet'}>
        {count(lag)}
      </Figure>
      <Figure name="Dead letters">{count(deadLetters)}</Figure>
      <Figure name="Workers" note={`${up} up, ${several(restarts, 'restart')}`} bad={up < workers}>
        {count(workers)}
      </Figure>
    </Figures>
  );
}
