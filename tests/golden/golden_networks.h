// clang-format off
// Made by `make golden` (make.py) with PyTorch 1.13. Do not edit.
#pragma once

#include <stddef.h>

enum { GOLDEN_LOSSES = 6, GOLDEN_TENSORS = 24 };

static const unsigned golden_steps[GOLDEN_LOSSES] = {0, 1, 2, 20, 60, 99};

typedef struct GoldenTensor {
    const char *name;
    double first, size; // its first number; root mean square
} GoldenTensor;

static const struct {
    const char *name, *config;
    double losses[GOLDEN_LOSSES]; // of the minibatches
    double train, dev;            // after the last step
    size_t n_tensors;
    GoldenTensor tensors[GOLDEN_TENSORS];
} golden_networks[] = {
    {"the lectures' MLP, narrower, with a penalty on weights",
     "{\"seed\": 2147483647, \"data\": {\"path\": \"names.txt\", \"split\": [0.02, 0.01, 0.97], \"shuffle_seed\": 42}, \"model\": {\"context\": 3, \"layers\": [{\"type\": \"embedding\", \"dim\": 10}, {\"type\": \"flatten\"}, {\"type\": \"linear\", \"out\": 33, \"weight\": {\"kaiming_normal\": 1.6666666666666667}, \"bias\": {\"normal\": 0.01}}, {\"type\": \"tanh\"}, {\"type\": \"linear\", \"out\": \"vocab\", \"weight\": {\"normal\": 0.01}, \"bias\": {\"normal\": 0}}]}, \"train\": {\"steps\": 100, \"log_every\": 1, \"l2_mean\": 0.1}}",
     {3.31242967, 3.2892313, 3.29008293, 3.03219748, 2.72524762, 2.46277142}, 2.71133389, 2.75931593, 5, {
      {"layers.0.weight", 1.64790106, 0.999312798},
      {"layers.2.weight", -0.334803373, 0.307674943},
      {"layers.2.bias", -0.0809739381, 0.0494593502},
      {"layers.4.weight", -0.143303081, 0.0619465227},
      {"layers.4.bias", 0.483121485, 0.210231132},
     }},
    {"part 3's batch norm: no epsilon, running deviations",
     "{\"seed\": 2147483647, \"data\": {\"path\": \"names.txt\", \"split\": [0.02, 0.01, 0.97], \"shuffle_seed\": 42}, \"model\": {\"context\": 3, \"layers\": [{\"type\": \"embedding\", \"dim\": 10}, {\"type\": \"flatten\"}, {\"type\": \"linear\", \"out\": 50, \"weight\": {\"kaiming_normal\": 1.6666666666666667}, \"bias\": false}, {\"type\": \"batchnorm\", \"eps\": 0, \"momentum\": 0.001, \"running\": \"deviation\"}, {\"type\": \"tanh\"}, {\"type\": \"linear\", \"out\": \"vocab\", \"weight\": {\"normal\": 0.01}, \"bias\": {\"normal\": 0}}]}, \"train\": {\"steps\": 100, \"log_every\": 1, \"lr\": [[0, 0.1], [50, 0.01]]}}",
     {3.30011249, 3.27407765, 3.27365065, 3.2357986, 3.05756402, 2.97787976}, 2.91062136, 2.94911548, 8, {
      {"layers.0.weight", 1.60308254, 0.999057421},
      {"layers.2.weight", -0.365263313, 0.303014491},
      {"layers.3.gain", 1.01222026, 1.00423157},
      {"layers.3.bias", 0.0257625673, 0.0176225565},
      {"layers.3.running_mean", -0.0360753648, 0.0491954787},
      {"layers.3.running_deviation", 1.05970156, 1.04766789},
      {"layers.5.weight", 0.199988574, 0.0319960749},
      {"layers.5.bias", 0.431562126, 0.183551577},
     }},
    {"part 3's deep network, batch norm last",
     "{\"seed\": 2147483647, \"data\": {\"path\": \"names.txt\", \"split\": [0.02, 0.01, 0.97], \"shuffle_seed\": 42}, \"model\": {\"context\": 3, \"layers\": [{\"type\": \"embedding\", \"dim\": 10}, {\"type\": \"flatten\"}, {\"type\": \"linear\", \"out\": 27, \"bias\": false}, {\"type\": \"batchnorm\"}, {\"type\": \"tanh\"}, {\"type\": \"linear\", \"out\": 33, \"bias\": false}, {\"type\": \"batchnorm\"}, {\"type\": \"tanh\"}, {\"type\": \"linear\", \"out\": 27, \"bias\": false}, {\"type\": \"batchnorm\"}, {\"type\": \"tanh\"}, {\"type\": \"linear\", \"out\": \"vocab\", \"bias\": false}, {\"type\": \"batchnorm\", \"gain\": {\"constant\": 0.1}}]}, \"train\": {\"steps\": 100, \"log_every\": 1, \"batch_size\": 64}}",
     {3.31036496, 3.28766632, 3.28655481, 3.19064426, 3.07864904, 2.83665657}, 2.90776452, 2.93022331, 21, {
      {"layers.0.weight", 1.5866133, 0.999057035},
      {"layers.2.weight", -0.193273336, 0.18339193},
      {"layers.3.gain", 0.993674695, 0.99966478},
      {"layers.3.bias", -0.00143191405, 0.00524412932},
      {"layers.3.running_mean", 0.247256011, 0.371461874},
      {"layers.3.running_variance", 0.458244234, 0.924370408},
      {"layers.5.weight", -0.0221554656, 0.192587573},
      {"layers.6.gain", 1.00183392, 1.00022137},
      {"layers.6.bias", -0.000206698111, 0.00468531769},
      {"layers.6.running_mean", 0.0772737414, 0.0330695696},
      {"layers.6.running_variance", 0.333215326, 0.497241264},
      {"layers.8.weight", -0.370649993, 0.178267885},
      {"layers.9.gain", 1.00064862, 0.999780207},
      {"layers.9.bias", -0.00597207434, 0.00420227232},
      {"layers.9.running_mean", 0.0745855048, 0.0345665515},
      {"layers.9.running_variance", 0.954429746, 0.611100758},
      {"layers.11.weight", -0.102774389, 0.198838881},
      {"layers.12.gain", 0.913852215, 0.202349307},
      {"layers.12.bias", 0.771969974, 0.312888481},
      {"layers.12.running_mean", 0.0359823219, 0.0329689456},
      {"layers.12.running_variance", 1.81835914, 0.689118191},
     }},
    {"part 5's hierarchy: statistics over several positions, a penalty that spares gains",
     "{\"seed\": 42, \"data\": {\"path\": \"names.txt\", \"split\": [0.02, 0.01, 0.97], \"shuffle_seed\": 42}, \"model\": {\"context\": 8, \"layers\": [{\"type\": \"embedding\", \"dim\": 7}, {\"type\": \"flatten\", \"n\": 2}, {\"type\": \"linear\", \"out\": 17, \"bias\": false}, {\"type\": \"batchnorm\", \"unbiased\": false}, {\"type\": \"tanh\"}, {\"type\": \"flatten\", \"n\": 2}, {\"type\": \"linear\", \"out\": 16, \"bias\": false}, {\"type\": \"batchnorm\", \"unbiased\": false, \"eps\": 0.001}, {\"type\": \"tanh\"}, {\"type\": \"flatten\", \"n\": 2}, {\"type\": \"linear\", \"out\": 15, \"bias\": false}, {\"type\": \"batchnorm\", \"momentum\": 0.5}, {\"type\": \"tanh\"}, {\"type\": \"linear\", \"out\": \"vocab\", \"weight\": {\"kaiming_normal\": 0.1}}]}, \"train\": {\"steps\": 100, \"log_every\": 1, \"lr\": [[0, 0.2], [7, 0.1], [80, 0.02]], \"l2_mean\": 0.3}}",
     {3.29857039, 3.28141713, 3.2681849, 3.07733488, 2.64631557, 2.98353195}, 2.80101601, 2.8273044, 18, {
      {"layers.0.weight", 1.9296726, 0.991345312},
      {"layers.2.weight", 0.0330710895, 0.25796224},
      {"layers.3.gain", 1.00038052, 1.00088497},
      {"layers.3.bias", -0.00331548811, 0.00570952725},
      {"layers.3.running_mean", 1.30006826, 0.926905738},
      {"layers.3.running_variance", 0.465132713, 0.904522925},
      {"layers.6.weight", 0.018523084, 0.170763402},
      {"layers.7.gain", 0.989913464, 1.00121409},
      {"layers.7.bias", -0.000194760971, 0.00594417576},
      {"layers.7.running_mean", 0.0974828228, 0.165948862},
      {"layers.7.running_variance", 0.129353777, 0.653467443},
      {"layers.10.weight", 0.182635769, 0.179075832},
      {"layers.11.gain", 1.00457013, 1.02055107},
      {"layers.11.bias", 0.025852371, 0.0434901053},
      {"layers.11.running_mean", 0.258331746, 0.34799518},
      {"layers.11.running_variance", 0.190107405, 0.488829181},
      {"layers.13.weight", -0.0792544633, 0.069199247},
      {"layers.13.bias", 0.39673388, 0.251994022},
     }},
    {"part 1's bigram, full batch",
     "{\"seed\": 2147483647, \"data\": {\"path\": \"names.txt\", \"split\": [0.02, 0.01, 0.97], \"shuffle_seed\": 42}, \"model\": {\"context\": 1, \"layers\": [{\"type\": \"embedding\", \"dim\": \"vocab\"}]}, \"train\": {\"steps\": 100, \"log_every\": 1, \"batch_size\": \"all\", \"lr\": 50, \"l2_mean\": 0.01}}",
     {3.79642391, 3.38797021, 3.16094542, 2.53303814, 2.4489181, 2.43449831}, 2.41688343, 2.53791459, 1, {
      {"layers.0.weight", -2.41368055, 1.31943277},
     }},
    {"relu, uniform weights, odd sizes",
     "{\"seed\": 4294967303, \"data\": {\"path\": \"names.txt\", \"split\": [0.02, 0.01, 0.97], \"shuffle_seed\": 8589934593}, \"model\": {\"context\": 5, \"layers\": [{\"type\": \"embedding\", \"dim\": 5, \"weight\": {\"uniform\": 1}}, {\"type\": \"linear\", \"out\": 7, \"weight\": {\"kaiming_uniform\": 1.4}, \"bias\": {\"uniform\": 0.5}}, {\"type\": \"relu\"}, {\"type\": \"flatten\"}, {\"type\": \"linear\", \"out\": 27, \"weight\": {\"kaiming_uniform\": 1}, \"bias\": {\"kaiming_normal\": 0.5}}, {\"type\": \"tanh\"}, {\"type\": \"linear\", \"out\": \"vocab\", \"weight\": {\"uniform\": 0.2}, \"bias\": false}]}, \"train\": {\"steps\": 100, \"log_every\": 1, \"batch_size\": 7}}",
     {3.342834, 3.27587938, 3.3272934, 3.15910363, 2.73848224, 2.74599051}, 2.80269931, 2.82086482, 6, {
      {"layers.0.weight", -0.0360670164, 0.540373591},
      {"layers.1.weight", 0.363608837, 0.63274303},
      {"layers.1.bias", 0.264363706, 0.356619055},
      {"layers.4.weight", -0.0112751201, 0.175191141},
      {"layers.4.bias", -0.0581337512, 0.11485449},
      {"layers.6.weight", -0.106276847, 0.128971685},
     }},
    {"batch norm of the full batch, drawn gains and biases",
     "{\"seed\": 2147483647, \"data\": {\"path\": \"names.txt\", \"split\": [0.005, 0.005, 0.99], \"shuffle_seed\": 42}, \"model\": {\"context\": 4, \"layers\": [{\"type\": \"embedding\", \"dim\": 3}, {\"type\": \"batchnorm\", \"gain\": {\"normal\": 0.3, \"mean\": 1}, \"bias\": {\"uniform\": 0.5}, \"momentum\": 0.9}, {\"type\": \"flatten\", \"n\": 2}, {\"type\": \"linear\", \"out\": 12, \"bias\": false}, {\"type\": \"batchnorm\", \"unbiased\": false, \"running\": \"deviation\", \"gain\": {\"uniform\": 1}, \"eps\": 0.5}, {\"type\": \"tanh\"}, {\"type\": \"flatten\"}, {\"type\": \"linear\", \"out\": \"vocab\", \"weight\": {\"normal\": 0.05, \"mean\": 0.01}, \"bias\": {\"constant\": -0.5}}]}, \"train\": {\"steps\": 100, \"log_every\": 1, \"batch_size\": \"all\", \"lr\": 0.5}}",
     {3.30073905, 3.27056599, 3.2414403, 2.81426239, 2.5954895, 2.5422256}, 2.540725, 2.6763901, 12, {
      {"layers.0.weight", 2.25608826, 1.04745622},
      {"layers.1.gain", 1.41472185, 1.15385092},
      {"layers.1.bias", 0.135044694, 0.194775627},
      {"layers.1.running_mean", 0.772053361, 0.447671018},
      {"layers.1.running_variance", 2.12295866, 1.39795979},
      {"layers.3.weight", 0.551476717, 0.423284029},
      {"layers.4.gain", 0.2083859, 0.691754054},
      {"layers.4.bias", -0.64284718, 0.442540847},
      {"layers.4.running_mean", -0.0682373494, 0.221014525},
      {"layers.4.running_deviation", 1.09247148, 1.30763584},
      {"layers.7.weight", -0.0338871852, 0.122796764},
      {"layers.7.bias", 0.219084173, 0.678291394},
     }},
    {"no shuffle, equal names once, a single unit",
     "{\"seed\": 1, \"data\": {\"path\": \"names.txt\", \"split\": [0.01, 0.01, 0.98], \"unique\": true}, \"model\": {\"context\": 6, \"layers\": [{\"type\": \"embedding\", \"dim\": 1, \"weight\": {\"normal\": 0.5}}, {\"type\": \"flatten\", \"n\": 3}, {\"type\": \"linear\", \"out\": 8, \"weight\": {\"constant\": 0.25}, \"bias\": {\"normal\": 1}}, {\"type\": \"tanh\"}, {\"type\": \"linear\", \"out\": 1, \"bias\": \"ones\"}, {\"type\": \"tanh\"}, {\"type\": \"flatten\"}, {\"type\": \"linear\", \"out\": \"vocab\", \"bias\": {\"kaiming_uniform\": 0.3}}]}, \"train\": {\"steps\": 100, \"log_every\": 1, \"batch_size\": 257, \"l2_mean\": 1}}",
     {4.33400583, 4.16347218, 4.06087589, 3.38748384, 3.22532272, 3.11475945}, 2.82927479, 2.84350595, 7, {
      {"layers.0.weight", -0.655528426, 0.445084265},
      {"layers.2.weight", 0.213279366, 0.211642914},
      {"layers.2.bias", 0.318722457, 0.643734928},
      {"layers.4.weight", -0.0494638085, 0.378531005},
      {"layers.4.bias", 0.246500254, 0.246500254},
      {"layers.7.weight", -0.878522277, 0.605829048},
      {"layers.7.bias", 0.429861784, 0.310247596},
     }},
};
