"""The second stage of J4R-Net on RainSynComplex25."""

_base_ = ['J4RNet.py', '../_base_/datasets/rainsyn_complex25.py']

data_root = _base_.complex25_root
train_dataloader = test_dataloader = val_dataloader = _base_.complex25_data
test_evaluator = val_evaluator = _base_.complex25_scores
default_hooks = _base_.complex25_best
