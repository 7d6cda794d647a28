/** The engines by the names that `--engines` takes. */
import { lanewise } from './lanewise.js';
import { ort } from './ort.js';
import { tfjs } from './tfjs.js';

export const ENGINES = [
  { id: 'lanewise', ...lanewise },
  { id: 'ort', ...ort },
  { id: 'tfjs', ...tfjs },
];
