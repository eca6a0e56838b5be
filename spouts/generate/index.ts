/** Made-up access logs. @module */
export { generate, type GenerateOptions } from './generate.js';
export { generateLines } from './generate-lines.js';
