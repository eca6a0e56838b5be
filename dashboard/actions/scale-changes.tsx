/** What a scaling would do. @module */
import type { ScaleResult } from '../../runtime/nimbus/operations.js';
import { several } from '../figures/format.js';

export const ScaleChanges = ({ changes }: Pick<ScaleResult, 'changes'>) =>
  changes.length === 0 ? (
    <p>Nothing changes.</p>
  ) : (
    <ul class="changes">
      {changes.map(({ component, from, to, moves, pause }) => (
        <li key={component ?? ''}>
          <b>
            {component ?? 'Workers'}: {from} → {to}
          </b>
          <span>{pause}</span>
          {moves.length > 0 && (
            <details>
              <summary>{several(moves.length, 'range')} of keys move</summary>
              <ul>
                {moves.map((move) => (
                  <li key={move}>{move}</li>
                ))}
              </ul>
            </details>
          )}
        </li>
      ))}
    </ul>
  );
