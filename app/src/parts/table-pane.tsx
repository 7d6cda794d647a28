/** The table of steps; a click on a title sorts. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { tableView, type SortOrder, type ViewData } from 'lanewise/views';
import { Steps, elementsOf } from './picture.js';

interface TablePaneProps {
  readonly data: ViewData;
  readonly selected: number | undefined;
  readonly onSelect: (step: number | undefined) => void;
}

export function TablePane({ data, selected, onSelect }: TablePaneProps): JSX.Element {
  const [sort, setSort] = useState<SortOrder>();
  const onClick = ({ target }: MouseEvent): void => {
    const key = target instanceof Element ? target.closest('[data-sort]')?.getAttribute('data-sort') : null;
    if (key) setSort({ key, descending: sort?.key === key ? !sort.descending : true });
  };
  return (
    <div class="scroll" onClick={onClick} tabIndex={0} role="region" aria-label="Table of steps">
      <Steps count={data.plan.steps.length} selected={selected} onSelect={onSelect}>
        {elementsOf(tableView(data, { sort, selected, isInteractive: true }))}
      </Steps>
    </div>
  );
}
