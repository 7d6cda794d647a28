/** What can be saved, behind one button: nothing is saved before it is chosen. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { EXPORTS, EXPORT_NAMES, type Export } from '../exports.js';

export function ExportMenu({ onExport }: { readonly onExport: (kind: Export) => void }): JSX.Element {
  const menu = useRef<HTMLDetailsElement>(null);
  const close = (): void => {
    menu.current?.removeAttribute('open');
  };
  useEffect(() => {
    const onOutside = ({ target }: Event): void => {
      if (target instanceof Node && !menu.current?.contains(target)) close();
    };
    addEventListener('pointerdown', onOutside);
    addEventListener('focusin', onOutside);
    return () => {
      removeEventListener('pointerdown', onOutside);
      removeEventListener('focusin', onOutside);
    };
  }, []);
  const leave = (): void => {
    close();
    menu.current?.querySelector('summary')?.focus();
  };
  return (
    <details
      ref={menu}
      class="menu"
      onKeyDown={(event) => {
        if (event.key === 'Escape') leave();
      }}
    >
      <summary>Export</summary>
      <ul aria-label="Export as">
        {EXPORTS.map((kind) => (
          <li key={kind}>
            <button
              type="button"
              onClick={() => {
                leave();
                onExport(kind);
              }}
            >
              {EXPORT_NAMES[kind]}
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}
