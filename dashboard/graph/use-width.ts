/** How wide an element is, in CSS pixels, followed as it changes. @module */
import { useEffect, useState } from 'preact/hooks';
import type { RefObject } from 'preact';

/** Null until it is in the page. */
export function useWidth(element: RefObject<HTMLElement | null>): number | null {
  const [width, setWidth] = useState<number | null>(null);
  useEffect(() => {
    if (element.current === null) return;
    const observer = new ResizeObserver(([entry]) => setWidth(entry!.contentRect.width));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
