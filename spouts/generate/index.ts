/** Made-up access logs. @module */
export { generate, generateLines, type GenerateOptions } from './generate.js';
