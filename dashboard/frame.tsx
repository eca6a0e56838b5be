/** What every view has: the way home, whether its figures are live, and its heading. @module */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { ConnectionMark } from './connection.js';
import type { Live } from './live.js';
import { Notice } from './notice.js';

interface Frame {
  readonly title: string;
  /** Beside the heading: its state, and what can be done with it. */
  readonly beside?: ComponentChildren;
  readonly live: Live<unknown>;
  readonly children: ComponentChildren;
}

export function Frame({ title, beside, live, children }: Frame) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = title === 'Topologies' ? 'Squall' : `${title} – Squall`;
    // Whoever cannot see that the view has changed hears its heading.
    heading.current?.focus({ preventScroll: true });
  }, [title]);
  return (
    <>
      <header class="bar">
        <a class="home" href="#/">
          Squall
        </a>
        <ConnectionMark live={live} />
      </header>
      <main class={live.connection.value === 'lost' ? 'stale' : ''}>
        <div class="title">
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {beside}
        </div>
        {children}
        <Notice />
      </main>
    </>
  );
}
