import { groupedCases } from './cases/grouped.js';
import { describeCases } from './run-cases.js';

describeCases('convolutions in groups', groupedCases);
