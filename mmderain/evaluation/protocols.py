"""How the papers of this field score: named protocols, each with its source.

The same frames score decibels apart under two protocols, so a figure without
the name of its protocol says little, and figures of two protocols cannot be
compared. What all of them share here: frames are 8 bits, rounded as saving
them as PNG does, the peak of PSNR is 255, and the constants of SSIM are 0.01
and 0.03.
"""

from dataclasses import dataclass

from mmderain.errors import ConfigError


@dataclass(frozen=True)
class SSIMWindow:
    """The window of SSIM.

    Args:
        size: Pixels of a side, odd.
        sigma: Of a Gaussian, in pixels; a uniform window when None.
        border: 'valid' counts windows that lie within the frame, 'replicate'
            one window for every pixel, frames continued by their rims.
        unbiased: Divide covariances by the number of pixels less one.
    """

    size: int
    sigma: float | None
    border: str = 'valid'
    unbiased: bool = False

    def __str__(self) -> str:
        shape = (f'Gaussian, sigma {self.sigma:g}' if self.sigma
                 else 'uniform')
        return (f'{self.size}x{self.size} {shape}'
                + ', rims replicated' * (self.border == 'replicate')
                + ', unbiased' * self.unbiased)


@dataclass(frozen=True)
class Protocol:
    """How frames are scored and scores are averaged.

    Args:
        name: As configs and commands call it.
        source: The script that it follows.
        window: Of SSIM; of several channels the mean is taken.
        luma: Convention of ``mmderain.color``, or 'matlab_unrounded'; all of
            RGB when None.
        multiple: Rows and columns are cut from the bottom and the right down
            to multiples of this.
        dropped_ends: Frames that do not count at either end of a sequence.
        average: 'sequences' for the mean over the frames of a sequence and
            then over the sequences, 'frames' for that over all frames.
        lpips_order: Channels as the script hands them to LPIPS, which is made
            for 'rgb'.
    """

    name: str
    source: str
    window: SSIMWindow
    luma: str | None = None
    multiple: int = 1
    dropped_ends: int = 0
    average: str = 'sequences'
    lpips_order: str = 'rgb'

    def describe(self) -> str:
        """One line that says what its figures are."""
        parts = [
            'RGB' if self.luma is None else
            f'luma ({self.luma.replace("_", ", ")})',
            f'SSIM {self.window}']
        if self.multiple > 1:
            parts.append(f'cropped to multiples of {self.multiple}')
        if self.dropped_ends:
            parts.append(f'{self.dropped_ends} frames dropped at either end')
        parts.append('mean over frames, then sequences'
                     if self.average == 'sequences' else 'mean over frames')
        return '; '.join(parts)


_GAUSSIAN = SSIMWindow(11, 1.5)
_MATLAB = SSIMWindow(11, 1.5, border='replicate')

PROTOCOLS = {protocol.name: protocol for protocol in (
    Protocol(
        name='vrds',
        source='metrics/cal-iqa.py of github.com/TonyHongtaoWu/ViMP-Net',
        window=_GAUSSIAN,
        # frames of cv2.imread go into LPIPS as they are
        lpips_order='bgr'),
    # The script averages over the images of one folder; sequences of this set
    # are of one length, so that the mean over sequences is the same.
    Protocol(
        name='rainsyn',
        source='scripts/calculate_PSNR_SSIM_high_matlabdirect.m of github.com/'
        'HDCVLab/Enhanced-Spatio-Temporal-Interaction-Learning-for-Video-'
        "Deraining (ESTINet): rgb2ycbcr of im2double, MATLAB's psnr and ssim",
        window=_MATLAB,
        luma='matlab_unrounded'),
    # The script drops what the network does not restore, three frames at
    # either end; here they are dropped of full results, too.
    Protocol(
        name='rainsyn_vdmamba',
        source='comp_psnr_ssim.py of github.com/xuanyili97/VDMamba',
        window=SSIMWindow(11, 0.5),
        luma='matlab',
        dropped_ends=3),
    Protocol(
        name='raindrop',
        source='metrics.py and predict.py of github.com/rui1996/DeRaindrop: '
        'COLOR_BGR2YCR_CB and the defaults of scikit-image',
        window=SSIMWindow(7, None, unbiased=True),
        luma='opencv',
        multiple=4),
    # Sequences differ in length, so the average matters.
    Protocol(
        name='ntu',
        source='the script of rainsyn, over the frames of all sequences in '
        'one folder',
        window=_MATLAB,
        luma='matlab_unrounded',
        average='frames'),
)}


def get_protocol(name: str) -> Protocol:
    """Look a protocol up.

    Raises:
        ConfigError: There is none of that name; the known ones are listed.
    """
    if name not in PROTOCOLS:
        raise ConfigError(f'There is no protocol {name!r}; there are '
                          f'{", ".join(PROTOCOLS)}.')
    return PROTOCOLS[name]
