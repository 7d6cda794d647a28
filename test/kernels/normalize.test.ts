import { normalizeCases } from './cases/normalize.js';
import { describeCases } from './run-cases.js';

describeCases('normalisations', normalizeCases);
