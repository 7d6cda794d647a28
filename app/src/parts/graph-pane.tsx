/** The graph, which pans and zooms: only one attribute changes then, whatever the number of steps. */
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import {
  COLOURINGS,
  graphContent,
  boxOfStep,
  graphSize,
  legendOf,
  type Colouring,
  type PlacedGraph,
  type ViewData,
} from 'lanewise/views';
import { Steps, elementsOf } from './picture.js';

interface GraphPaneProps {
  readonly data: ViewData;
  readonly placed: PlacedGraph | undefined;
  readonly colouring: Colouring;
  readonly selected: number | undefined;
  readonly onSelect: (step: number | undefined) => void;
  readonly onColouring: (colouring: Colouring) => void;
}

const COLOURING_NAMES: Readonly<Record<Colouring, string>> = {
  layout: 'layout',
  time: 'share of the time',
  bandwidth: 'share of the copy bandwidth',
  bound: 'what bounds it',
};

interface Camera {
  x: number;
  y: number;
  scale: number;
}

const LEAST = 0.05;
const MOST = 4;

export function GraphPane({
  data,
  placed,
  colouring,
  selected,
  onSelect,
  onColouring,
}: GraphPaneProps): JSX.Element {
  const frame = useRef<SVGSVGElement>(null);
  const moved = useRef<SVGGElement>(null);
  const camera = useRef<Camera>({ x: 0, y: 0, scale: 1 });
  const content = useMemo(
    () => placed && elementsOf(graphContent(data, { colouring, placed, selected })),
    [data, colouring, placed, selected],
  );

  const show = (): void => {
    const { x, y, scale } = camera.current;
    moved.current?.setAttribute('transform', `translate(${x} ${y}) scale(${scale})`);
  };
  const zoom = (factor: number, at?: { readonly x: number; readonly y: number }): void => {
    const box = frame.current?.getBoundingClientRect();
    if (!box) return;
    const { x = box.width / 2, y = box.height / 2 } = at ?? {};
    const { current } = camera;
    const scale = Math.max(LEAST, Math.min(MOST, current.scale * factor));
    current.x = x - ((x - current.x) * scale) / current.scale;
    current.y = y - ((y - current.y) * scale) / current.scale;
    current.scale = scale;
    show();
  };
  const fit = (whole: boolean): void => {
    const box = frame.current?.getBoundingClientRect();
    if (!box || !placed) return;
    const { width, height } = graphSize(placed);
    const scale = whole
      ? Math.min(box.width / width, box.height / height, 1)
      : Math.min(1, box.width / width);
    camera.current = {
      x: (box.width - width * scale) / 2,
      y: whole ? (box.height - height * scale) / 2 : 0,
      scale,
    };
    show();
  };
  /** Pans so far that the chosen box is seen. */
  const reveal = (): void => {
    const box = frame.current?.getBoundingClientRect();
    const at = selected === undefined ? undefined : placed && boxOfStep(placed, selected);
    if (!box || !at) return;
    const { current } = camera;
    current.x += shiftInto(current.x + at.left * current.scale, at.width * current.scale, box.width);
    current.y += shiftInto(current.y + at.top * current.scale, at.height * current.scale, box.height);
    show();
  };
  useEffect(() => {
    fit(false);
  }, [placed]);
  useEffect(reveal, [placed, selected]);
  useResize(frame, (width, before) => {
    // The middle stays the middle: the panel beside it opens and closes.
    camera.current.x += (width - before) / 2;
    show();
    reveal();
  });
  useMover(frame, camera, zoom, show);

  return (
    <div class="graph-pane">
      <div class="bar">
        <label>
          Colour{' '}
          <select
            value={colouring}
            onChange={({ currentTarget: { value } }) => {
              const chosen = COLOURINGS.find((one) => one === value);
              if (chosen) onColouring(chosen);
            }}
          >
            {COLOURINGS.filter((one) => one !== 'bandwidth' || data.profile).map((one) => (
              <option key={one} value={one}>
                {COLOURING_NAMES[one]}
              </option>
            ))}
          </select>
        </label>
        <ul class="legend" aria-label="What the colours mean">
          {legendOf(colouring).map(([className, text]) => (
            <li key={className}>
              <span class={`swatch ${className}`} aria-hidden="true" />
              {text}
            </li>
          ))}
        </ul>
        <span class="grow" />
        <button type="button" onClick={() => zoom(1.25)} aria-label="Zoom in">
          +
        </button>
        <button type="button" onClick={() => zoom(0.8)} aria-label="Zoom out">
          −
        </button>
        <button type="button" onClick={() => fit(true)}>
          Whole
        </button>
        <button type="button" onClick={() => fit(false)}>
          Top
        </button>
      </div>
      <Steps count={data.plan.steps.length} selected={selected} onSelect={onSelect} class="canvas">
        <svg ref={frame} class="lw-graph" role="group" aria-label={`The graph of ${data.model}`}>
          <g ref={moved}>{content}</g>
        </svg>
        {!placed && <p class="wait">Laying out the graph…</p>}
      </Steps>
    </div>
  );
}

/** Room around a box that is brought into view, in pixels. */
const ROOM = 24;

/** How far something from `from` on has to move so that it lies within `space`; its begin, where it is larger. */
function shiftInto(from: number, size: number, space: number): number {
  const last = Math.max(ROOM, space - ROOM - size);
  return Math.max(ROOM, Math.min(last, from)) - from;
}

/** Tells when the width changes. */
function useResize(
  frame: { readonly current: SVGSVGElement | null },
  onWidth: (width: number, before: number) => void,
): void {
  const latest = useRef(onWidth);
  latest.current = onWidth;
  useEffect(() => {
    const svg = frame.current;
    if (!svg) return undefined;
    let before = svg.getBoundingClientRect().width;
    const observer = new ResizeObserver(([{ contentRect }]) => {
      const { width } = contentRect;
      if (width > 0) latest.current(width, before || width);
      before = width;
    });
    observer.observe(svg);
    return () => observer.disconnect();
  }, [frame]);
}

/** Dragging, the wheel, and two fingers. */
function useMover(
  frame: { readonly current: SVGSVGElement | null },
  camera: { readonly current: Camera },
  zoom: (factor: number, at?: { readonly x: number; readonly y: number }) => void,
  show: () => void,
): void {
  const latest = useRef({ zoom, show });
  latest.current = { zoom, show };
  useEffect(() => {
    const svg = frame.current;
    if (!svg) return undefined;
    const fingers = new Map<number, PointerEvent>();
    const at = ({ clientX, clientY }: MouseEvent): { x: number; y: number } => {
      const box = svg.getBoundingClientRect();
      return { x: clientX - box.left, y: clientY - box.top };
    };
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault();
      latest.current.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), at(event));
    };
    const onDown = (event: PointerEvent): void => {
      fingers.set(event.pointerId, event);
    };
    const onMove = (event: PointerEvent): void => {
      const before = fingers.get(event.pointerId);
      if (!before) return;
      fingers.set(event.pointerId, event);
      const others = [...fingers.values()].filter(({ pointerId }) => pointerId !== event.pointerId);
      if (others.length > 0) {
        const distance = (one: PointerEvent): number =>
          Math.hypot(one.clientX - others[0].clientX, one.clientY - others[0].clientY);
        latest.current.zoom(distance(event) / Math.max(distance(before), 1), at(event));
        return;
      }
      camera.current.x += event.clientX - before.clientX;
      camera.current.y += event.clientY - before.clientY;
      latest.current.show();
    };
    const onUp = ({ pointerId }: PointerEvent): void => {
      fingers.delete(pointerId);
    };
    svg.addEventListener('wheel', onWheel, { passive: false });
    svg.addEventListener('pointerdown', onDown);
    addEventListener('pointermove', onMove);
    addEventListener('pointerup', onUp);
    addEventListener('pointercancel', onUp);
    return () => {
      svg.removeEventListener('wheel', onWheel);
      svg.removeEventListener('pointerdown', onDown);
      removeEventListener('pointermove', onMove);
      removeEventListener('pointerup', onUp);
      removeEventListener('pointercancel', onUp);
    };
  }, [frame, camera]);
}
