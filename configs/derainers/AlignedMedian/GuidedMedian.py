"""The network that sees what a guide has made of the frames, too.

From the weights of AlignedMedian that come with the package, on five sets
of clips of nine frames, so that LightMedian has a window of its own around
each of the five. In the folder GUIDED_CLIPS_ROOT, for each of finetuning,
footage, heavy, clean and dense, with num_frames=9 in its settings:

    mmderain render-clips FOLDER/heavy --settings heavy_clips.json ...
    mmderain align-clips FOLDER/heavy/train --alignment composed \\
        --guide light_median

Set GUIDED_MEDIAN_START in the environment to start from another checkpoint of
an AlignedMedianNet. For one process of 6 clips.
"""

_base_ = 'AlignedMedian_footage.py'

load_from = None
guided_root = '{{$GUIDED_CLIPS_ROOT:../data/guided_clips}}'

model = dict(
    guide='light_median',
    generator=dict(
        sees_guide=True,
        median_pretrained='{{$GUIDED_MEDIAN_START:mmderain/weights/aligned_median.pth}}'),  # noqa: E501
    test_cfg=dict(
        _delete_=True, padding='reflect', tile=None, alignment='composed'))
# the renderer has left out what is too dark with rain
train_dataloader = dict(
    dataset=dict(
        _delete_=True, type='AlignedClipSets',
        data_roots=[f'{guided_root}/{name}/train'
                    for name in ('finetuning', 'footage', 'heavy', 'clean',
                                 'dense')],
        crop_size='${crop_size}', augment=True, min_psnr=11,
        alignment='composed', guide='light_median', guide_share=0.85))
