/** Places the boxes of graphs, beside the page. */
import { placeGraph } from 'lanewise/views';
import { serve } from './serve.js';

serve({ place: (plan) => placeGraph(plan) });
