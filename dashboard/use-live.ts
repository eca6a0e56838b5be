/** A stream of figures for as long as a view is shown. @module */
import { useEffect, useMemo } from 'preact/hooks';
import { follow, type Live } from './live.js';

export function useLive<T>(path: string): Live<T> {
  const live = useMemo(() => follow<T>(path), [path]);
  useEffect(() => () => live.end(), [live]);
  return live;
}
