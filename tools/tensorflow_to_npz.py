#!/usr/bin/env python
"""Write the variables of a TensorFlow checkpoint into an .npz file.

Needs TensorFlow and nothing of mmderain, so that both can live in separate
environments; then ``mmderain convert`` takes the file.
"""

import argparse
import os

import numpy as np


def main(argv: list[str] | None = None) -> None:
    """Read and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('checkpoint', help='as TensorFlow names it: '
                        '.../model.ckpt')
    parser.add_argument('output', help='file to write, .npz')
    args = parser.parse_args(argv)
    # NumPy adds what is missing
    output = f'{args.output.removesuffix(".npz")}.npz'
    if os.path.lexists(output):
        parser.error(f'{output} is there already. Choose another name.')
    try:
        from tensorflow.train import load_checkpoint
    except ImportError:
        parser.error('needs TensorFlow, in an environment of its own: '
                     'pip install tensorflow-cpu')
    try:
        reader = load_checkpoint(args.checkpoint)
    # TensorFlow has many errors for a file that it does not find
    except Exception as error:
        parser.error(f'{args.checkpoint} cannot be read as a TensorFlow '
                     f'checkpoint: {error}')
    names = reader.get_variable_to_shape_map()
    np.savez(output, **{name: reader.get_tensor(name) for name in names})
    print(f'{output}: {len(names)} variables')


if __name__ == '__main__':
    main()
