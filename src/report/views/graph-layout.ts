/**
 * Where to draw a graph's nodes: layers from top to bottom (Sugiyama, Tagawa and Toda, 1981). Nodes stand below what they
 * read; edges that pass layers get a place in each; layers are ordered by the means of their neighbours, and placed along
 * x as near to them as the order allows, which is an isotonic regression per layer. Written here, not taken from a library,
 * so that the command line draws the same without one; 500 nodes take some ten milliseconds.
 */

export interface LayoutBox {
  readonly width: number;
  readonly height: number;
}

export interface LayoutEdge {
  readonly from: number;
  readonly to: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface GraphLayout {
  /** Centres of the nodes. */
  readonly nodes: readonly Point[];
  /** From the lower side of one box to the upper side of the other, through every layer between. */
  readonly edges: readonly (readonly Point[])[];
  readonly width: number;
  readonly height: number;
}

const LAYER_GAP = 36;
const NODE_GAP = 24;
/** The width of an edge that passes a layer. */
const LANE = 12;
const ORDER_SWEEPS = 12;
const PLACE_SWEEPS = 10;

/** A node, or an edge where it passes a layer. */
interface Item {
  readonly width: number;
  readonly layer: number;
  x: number;
  /** Items of the layer above and below that it is joined to. */
  readonly up: Item[];
  readonly down: Item[];
}

/**
 * Lays out a graph without cycles.
 * @param edges with `from` before `to` in the order of the boxes
 * @throws RangeError for edges that are not
 */
export function layoutGraph(boxes: readonly LayoutBox[], edges: readonly LayoutEdge[]): GraphLayout {
  const layerOf = layersOf(boxes.length, edges);
  const items = boxes.map(({ width }, i): Item => ({ width, layer: layerOf[i], x: 0, up: [], down: [] }));
  const layers: Item[][] = Array.from(
    { length: Math.max(0, ...layerOf.map((layer) => layer + 1)) },
    () => [],
  );
  const paths = edges.map(({ from, to }) => pathBetween(items[from], items[to]));
  // In the order of the boxes and the edges, in which what belongs together comes together.
  for (const item of items) layers[item.layer].push(item);
  for (const path of paths) for (const lane of path.slice(1, -1)) layers[lane.layer].push(lane);
  orderLayers(layers);
  placeLayers(layers);

  const heights = layers.map(() => 0);
  for (const [i, { height }] of boxes.entries()) heights[layerOf[i]] = Math.max(heights[layerOf[i]], height);
  const centres: number[] = [];
  let y = 0;
  for (const height of heights) {
    centres.push(y + height / 2);
    y += height + LAYER_GAP;
  }
  const left = Math.min(0, ...layers.flat().map(({ x, width }) => x - width / 2));
  const right = Math.max(0, ...layers.flat().map(({ x, width }) => x + width / 2));
  const nodes = items.map(({ x, layer }) => ({ x: x - left, y: centres[layer] }));
  return {
    nodes,
    edges: edges.map(({ from, to }, i) => {
      // Straight past the boxes of a layer, so that no corner is cut.
      const inner = paths[i].slice(1, -1).flatMap(({ x, layer }) => {
        const [middle, half] = [centres[layer], heights[layer] / 2];
        return [
          { x: x - left, y: middle - half },
          { x: x - left, y: middle + half },
        ];
      });
      const start = { x: nodes[from].x, y: nodes[from].y + boxes[from].height / 2 };
      const end = { x: nodes[to].x, y: nodes[to].y - boxes[to].height / 2 };
      return [start, ...inner, end];
    }),
    width: right - left,
    height: Math.max(0, y - LAYER_GAP),
  };
}

/** The longest way to each node from above. */
function layersOf(count: number, edges: readonly LayoutEdge[]): number[] {
  const layers = Array.from({ length: count }, () => 0);
  for (const { from, to } of [...edges].sort((a, b) => a.from - b.from)) {
    if (!(from >= 0 && from < to && to < count)) throw new RangeError(`an edge leads from ${from} to ${to}`);
    layers[to] = Math.max(layers[to], layers[from] + 1);
  }
  // What nothing is read of stands right above its first reader.
  const isRead = new Set(edges.map(({ to }) => to));
  for (let node = 0; node < count; node++) {
    const readers = edges.filter(({ from }) => from === node).map(({ to }) => layers[to]);
    if (!isRead.has(node) && readers.length > 0) layers[node] = Math.min(...readers) - 1;
  }
  return layers;
}

function pathBetween(from: Item, to: Item): Item[] {
  const path = [from];
  for (let layer = from.layer + 1; layer < to.layer; layer++) {
    path.push({ width: LANE, layer, x: 0, up: [], down: [] });
  }
  path.push(to);
  for (let i = 1; i < path.length; i++) {
    path[i - 1].down.push(path[i]);
    path[i].up.push(path[i - 1]);
  }
  return path;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Sorts layers by the mean place of the neighbours, and keeps the order with the fewest crossings. */
function orderLayers(layers: Item[][]): void {
  const place = new Map<Item, number>();
  const number = (layer: readonly Item[]): void => {
    for (const [i, item] of layer.entries()) place.set(item, i);
  };
  const placeOf = (item: Item): number => place.get(item) ?? 0;
  for (const layer of layers) number(layer);
  let best = layers.map((layer) => [...layer]);
  let fewest = crossings(layers, placeOf);
  for (let sweep = 0; sweep < ORDER_SWEEPS && fewest > 0; sweep++) {
    const isDown = sweep % 2 === 0;
    for (const layer of isDown ? layers : [...layers].reverse()) {
      const keys = new Map(
        layer.map((item) => {
          const near = isDown ? item.up : item.down;
          return [item, near.length > 0 ? mean(near.map(placeOf)) : placeOf(item)];
        }),
      );
      layer.sort((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0));
      number(layer);
    }
    const count = crossings(layers, placeOf);
    if (count < fewest) {
      fewest = count;
      best = layers.map((layer) => [...layer]);
    }
  }
  for (const [i, layer] of best.entries()) layers[i] = layer;
}

function crossings(layers: readonly Item[][], placeOf: (item: Item) => number): number {
  let count = 0;
  for (const layer of layers) {
    const ends = layer.flatMap((item) => item.down.map(placeOf).sort((a, b) => a - b));
    for (let i = 0; i < ends.length; i++) for (let j = 0; j < i; j++) if (ends[j] > ends[i]) count++;
  }
  return count;
}

/** Moves items towards the mean of their neighbours, in their order and without overlaps. */
function placeLayers(layers: readonly Item[][]): void {
  for (const layer of layers)
    settle(
      layer,
      layer.map(() => 0),
    );
  for (let sweep = 0; sweep < PLACE_SWEEPS; sweep++) {
    const isDown = sweep % 2 === 0;
    for (const layer of isDown ? layers : [...layers].reverse()) {
      settle(
        layer,
        layer.map((item) => {
          const near = isDown ? item.up : item.down;
          return near.length > 0 ? mean(near.map(({ x }) => x)) : item.x;
        }),
      );
    }
  }
}

/** The places nearest to the wanted ones, by squares, with the gaps kept: pools adjacent violators. */
function settle(layer: readonly Item[], wanted: readonly number[]): void {
  const offsets: number[] = [];
  for (const [i, { width }] of layer.entries()) {
    const before = layer[i - 1];
    offsets.push(before ? offsets[i - 1] + (before.width + width) / 2 + NODE_GAP : 0);
  }
  const blocks: { sum: number; count: number }[] = [];
  for (const [i, want] of wanted.entries()) {
    let block = { sum: want - offsets[i], count: 1 };
    for (
      let last = blocks.at(-1);
      last && last.sum / last.count > block.sum / block.count;
      last = blocks.at(-1)
    ) {
      blocks.pop();
      block = { sum: block.sum + last.sum, count: block.count + last.count };
    }
    blocks.push(block);
  }
  let i = 0;
  for (const { sum, count } of blocks) {
    for (let k = 0; k < count; k++, i++) layer[i].x = sum / count + offsets[i];
  }
}
