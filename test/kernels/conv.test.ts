import { convCases, thoroughConvCases } from './cases/conv.js';
import { describeCases } from './run-cases.js';

// LANEWISE_THOROUGH=1 adds random shapes and more edges; the default set keeps a test run short.
const thorough = process.env['LANEWISE_THOROUGH'] ? thoroughConvCases : [];

describeCases('convolutions', [...convCases, ...thorough]);
