"""The log of a training that meets a full disk."""

import logging

from mmengine.logging import MMLogger

from mmderain.engine.quiet_log import tell_once


class Full:
    """A file on a full disk."""

    def write(self, text):
        raise OSError(28, 'No space left on device')

    def close(self):
        raise OSError(28, 'No space left on device')


def test_a_full_disk_is_said_once(tmp_path, capfd):
    path = tmp_path / 'a.log'
    logger = MMLogger(name='full', log_file=str(path))
    tell_once(logger)
    handler, = (item for item in logger.handlers
                if isinstance(item, logging.FileHandler))
    for _ in range(3):
        handler.acquire()
        stream, handler.stream = handler.stream, Full()
        handler.release()
        if stream is not None:
            stream.close()
        logger.info('lost')
    said = capfd.readouterr().err
    assert said.count(f'the log {path} cannot be written (No space left') == 1
    assert 'Traceback' not in said and 'Logging error' not in said
    logger.info('there is space again')
    assert 'there is space again' in path.read_text()


def test_the_runner_keeps_it(tiny_config, capfd):
    from mmderain.engine import DerainRunner
    runner = DerainRunner.from_cfg(tiny_config)
    handler, = (item for item in runner.logger.handlers
                if isinstance(item, logging.FileHandler))
    handler.stream.close()
    handler.stream = Full()
    runner.logger.info('lost')
    said = capfd.readouterr().err
    assert 'cannot be written' in said and 'Logging error' not in said
