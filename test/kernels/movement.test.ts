import { movementCases } from './cases/movement.js';
import { describeCases } from './run-cases.js';

describeCases('ops that move elements', movementCases);
