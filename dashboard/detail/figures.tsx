/** Named figures, in columns that do not move when digits change. @module */
import type { ComponentChildren } from 'preact';

export const Figures = ({ children }: { children: ComponentChildren }) => (
  <dl class="figures">{children}</dl>
);

interface FigureOptions {
  readonly name: string;
  /** Below it, small. */
  readonly note?: string;
  /** One to worry about. */
  readonly bad?: boolean;
  readonly children: ComponentChildren;
}

export const Figure = ({ name, note, bad, children }: FigureOptions) => (
  <div class={bad === true ? 'bad' : ''}>
    <dt>{name}</dt>
    <dd>{children}</dd>
    {note !== undefined && <dd class="note">{note}</dd>}
  </div>
);
