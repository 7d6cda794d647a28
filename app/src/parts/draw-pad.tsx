/** A pad to draw a digit on. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

const SIDE = 224;
const PEN = 18;

interface DrawPadProps {
  /** After every stroke. */
  readonly onDraw: (canvas: HTMLCanvasElement) => void;
  readonly onClear: () => void;
}

export function DrawPad({ onDraw, onClear }: DrawPadProps): JSX.Element {
  const pad = useRef<HTMLCanvasElement>(null);
  const latest = useRef(onDraw);
  latest.current = onDraw;
  const clear = (): void => {
    const context = pad.current?.getContext('2d', { willReadFrequently: true });
    if (!context) return;
    context.fillStyle = '#000';
    context.fillRect(0, 0, SIDE, SIDE);
  };
  useEffect(() => {
    const canvas = pad.current;
    const context = canvas?.getContext('2d', { willReadFrequently: true });
    if (!canvas || !context) return undefined;
    clear();
    let from: { readonly x: number; readonly y: number } | undefined;
    const at = ({ clientX, clientY }: PointerEvent): { x: number; y: number } => {
      const box = canvas.getBoundingClientRect();
      return { x: ((clientX - box.left) * SIDE) / box.width, y: ((clientY - box.top) * SIDE) / box.height };
    };
    const onMove = (event: PointerEvent): void => {
      if (!from) return;
      const to = at(event);
      context.strokeStyle = '#fff';
      context.lineWidth = PEN;
      context.lineCap = 'round';
      context.beginPath();
      context.moveTo(from.x, from.y);
      context.lineTo(to.x, to.y);
      context.stroke();
      from = to;
    };
    const onDown = (event: PointerEvent): void => {
      canvas.setPointerCapture(event.pointerId);
      from = at(event);
      onMove(event);
    };
    const onUp = (): void => {
      if (from) latest.current(canvas);
      from = undefined;
    };
    // A crash of the GPU's process takes the picture along.
    canvas.addEventListener('contextrestored', clear);
    canvas.addEventListener('pointerdown', onDown);
    canvas.addEventListener('pointermove', onMove);
    canvas.addEventListener('pointerup', onUp);
    canvas.addEventListener('pointercancel', onUp);
    return () => {
      canvas.removeEventListener('contextrestored', clear);
      canvas.removeEventListener('pointerdown', onDown);
      canvas.removeEventListener('pointermove', onMove);
      canvas.removeEventListener('pointerup', onUp);
      canvas.removeEventListener('pointercancel', onUp);
    };
  }, []);
  return (
    <div class="draw-pad">
      <canvas
        ref={pad}
        width={SIDE}
        height={SIDE}
        role="img"
        aria-label="Pad to draw a digit on, with a mouse, pen or finger"
      />
      <button
        type="button"
        onClick={() => {
          clear();
          onClear();
        }}
      >
        Clear
      </button>
    </div>
  );
}
