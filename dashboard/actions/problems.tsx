/** Why a request was refused: read aloud at once. @module */
export const Problems = ({ text }: { text: string }) => (
  <p class="problem" role="alert">
    {text}
  </p>
);
