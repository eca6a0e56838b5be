/** A number to change, beside what it is now. @module */
import { several } from '../figures/format.js';

interface NumberFieldOptions {
  readonly label: string;
  /** Behind the label; may be empty. */
  readonly note: string;
  readonly now: number;
  readonly most: number;
  /** Of one. */
  readonly unit: string;
  /** What was written; undefined: nothing yet. */
  readonly value: number | undefined;
  readonly change: (value: number) => void;
}

export const NumberField = (options: NumberFieldOptions) => {
  const { label, note, now, most, unit, value, change } = options;
  return (
    <label class="number">
      <span>
        {label} {note !== '' && <small class="limit-mark">{note}</small>}
      </span>
      <small>now {several(now, unit)}</small>
      <input
        type="number"
        min={1}
        max={most}
        step={1}
        required
        value={Number.isNaN(value) ? '' : (value ?? now)}
        onInput={({ currentTarget }) => change(currentTarget.valueAsNumber)}
      />
    </label>
  );
};
