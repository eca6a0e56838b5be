/** `squall/reveal`: opens sealed values. Importing it is what a privacy reviewer looks for; declare the lineage of what you make of them. @module */
export { reveal, revealValue } from './rows/reveal.js';
