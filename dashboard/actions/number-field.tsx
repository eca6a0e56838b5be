/** A number to change, beside what it is now. @module */

interface NumberFieldOptions {
  readonly label: string;
  /** Behind the label; may be empty. */
  readonly note: string;
  readonly now: number;
  readonly most: number;
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
      <small>
        now {now} {unit}
      </small>
      <input
        type="number"
        min={1}
        max={most}
        step={1}
        required
        value={
          value === undefined || Number.isNaN(value) ? (value === undefined ? now : '') : value
        }
        onInput={({ currentTarget }) => change(currentTarget.valueAsNumber)}
      />
    </label>
  );
};
