/** The places of a graph's boxes, found beside the page. */
import type { PlacedGraph, ViewData } from 'lanewise/views';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { layoutEngine } from './engine/client.js';

/** Where the boxes of a plan's graph are, as soon as they are known. */
export function usePlaced(
  plan: ViewData['plan'] | undefined,
  fail: (error: unknown) => void,
): PlacedGraph | undefined {
  const [placed, setPlaced] = useState<{ readonly plan: ViewData['plan']; readonly graph: PlacedGraph }>();
  const engine = useMemo(() => layoutEngine(), []);
  useEffect(() => {
    if (!plan) return undefined;
    let isCurrent = true;
    engine.call('place', plan).then((graph) => isCurrent && setPlaced({ plan, graph }), fail);
    return () => {
      isCurrent = false;
    };
  }, [plan]);
  return placed && placed.plan === plan ? placed.graph : undefined;
}
